#include "stack_pool.h"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

namespace greenlets {
namespace {

constexpr size_t kSlabStacks = 64;
constexpr int kMadvGuardInstall = 102;  // Linux 6.13: a guard without a mapping of its own
// mprotect splits a mapping in two; the default vm.max_map_count is 65,530.
constexpr size_t kMostProtected = 16000;
constexpr size_t kWorthTrimming = 64 * 1024;
constexpr size_t kKeepFree = 16 * 1024;  // of a free stack that is not idle: what a new greenlet touches anyway

char* Map(size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

}  // namespace

StackPool::~StackPool() {
  for (const Mapping& mapping : mappings_) munmap(mapping.base, mapping.size);
}

int StackPool::ClassOf(size_t size) {
  int index = 0;
  while (index < kClasses - 1 && (kSmallest << index) < size) index++;
  return index;
}

Stack StackPool::Take(size_t wanted) {
  const int index = ClassOf(wanted);
  const size_t size = kSmallest << index;
  SizeClass& size_class = classes_[index];
  Stack stack;
  if (!size_class.free.empty()) {
    stack.base = size_class.free.Pop();
    const size_t left = size_class.free.size();
    for (size_t* count : {&size_class.least, &size_class.idle, &size_class.emptied, &size_class.shallow}) {
      if (*count > left) *count = left;
    }
  } else {
    if (size_class.fresh_left == 0 && !MapSlab(&size_class, size)) return stack;
    stack.base = size_class.fresh;
    size_class.fresh += size;
    size_class.fresh_left--;
    // The pool must be able to take every stack back: reserve its place now, where failure can be told.
    if (!size_class.free.Reserve(mapped_ / size)) return Stack();
    Guard(stack.base);
  }
  stack.size = size;
  in_use_++;
  return stack;
}

void StackPool::Give(Stack stack) {
  in_use_--;
  classes_[ClassOf(stack.size)].free.Push(stack.base);
}

bool StackPool::MapSlab(SizeClass* size_class, size_t stack_size) {
  // Under `ulimit -v` or strict overcommit a whole slab may be refused where a single stack is not.
  for (size_t count = kSlabStacks; count >= 1; count /= 2) {
    const size_t bytes = count * stack_size;
    char* memory = Map(bytes);
    if (memory == nullptr) continue;
    if (!mappings_.Push({memory, bytes, 0, 0})) {
      munmap(memory, bytes);
      return false;
    }
    for (Mapping* at = mappings_.end() - 1; at > mappings_.begin() && at[-1].base > at->base; at--) {
      std::swap(at[-1], *at);
    }
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    size_class->fresh = memory;
    size_class->fresh_left = count;
    mapped_ += bytes;
    return true;
  }
  return false;
}

void StackPool::Guard(char* base) {
  if (guard_install_works_) {
    if (madvise(base, kPageSize, kMadvGuardInstall) == 0) return;
    guard_install_works_ = false;
  }
  if (protected_ >= kMostProtected || mprotect(base, kPageSize, PROT_NONE) != 0) return;
  protected_++;
  MappingOf(base).protected_count++;
}

StackPool::Mapping& StackPool::MappingOf(const char* address) {
  size_t low = 0;
  for (size_t high = mappings_.size(); high - low > 1;) {
    const size_t middle = (low + high) / 2;
    (mappings_[middle].base <= address ? low : high) = middle;
  }
  return mappings_[low];
}

void StackPool::BeginTrim() {
  for (SizeClass& size_class : classes_) {
    size_class.idle = size_class.least;
    size_class.least = size_class.free.size();
  }
}

bool StackPool::TrimFree(size_t most) {
  for (int index = 0; index < kClasses; index++) {
    SizeClass& size_class = classes_[index];
    const size_t size = kSmallest << index;
    if (!Unmap(&size_class, size, most / kSlabStacks + 1)) return false;
    for (; size_class.emptied < size_class.idle; size_class.emptied++) {
      if (most-- == 0) return false;
      madvise(size_class.free[size_class.emptied] + kPageSize, size - kPageSize, MADV_DONTNEED);
    }
    if (size_class.shallow < size_class.emptied) size_class.shallow = size_class.emptied;
    for (; size_class.shallow < size_class.free.size(); size_class.shallow++) {
      if (most-- == 0) return false;
      madvise(size_class.free[size_class.shallow] + kPageSize, size - kPageSize - kKeepFree, MADV_DONTNEED);
    }
  }
  return true;
}

/** Unmaps `most` of the mappings all of whose stacks are idle; true if there are no more. */
bool StackPool::Unmap(SizeClass* size_class, size_t stack_size, size_t most) {
  if (size_class->idle < kSlabStacks) return true;
  for (Mapping& mapping : mappings_) mapping.idle = 0;
  for (size_t i = 0; i < size_class->idle; i++) MappingOf(size_class->free[i]).idle++;
  const auto is_idle = [=](const Mapping& mapping) { return mapping.idle * stack_size == mapping.size; };
  size_t found = 0;
  for (Mapping& mapping : mappings_) {
    if (is_idle(mapping) && ++found > most) mapping.idle = 0;
  }
  if (found == 0) return true;

  Array<char*>& free = size_class->free;
  size_t kept = 0;
  size_t emptied = 0;
  size_t shallow = 0;
  for (size_t i = 0; i < free.size(); i++) {
    if (i < size_class->idle && is_idle(MappingOf(free[i]))) continue;
    emptied += i < size_class->emptied;
    shallow += i < size_class->shallow;
    free[kept++] = free[i];
  }
  const size_t gone = free.size() - kept;
  free.Shrink(kept);
  size_class->idle -= gone;
  size_class->least -= gone;
  size_class->emptied = emptied;
  size_class->shallow = shallow;

  kept = 0;
  for (const Mapping& mapping : mappings_) {
    if (is_idle(mapping)) {
      munmap(mapping.base, mapping.size);
      mapped_ -= mapping.size;
      protected_ -= mapping.protected_count;
    } else {
      mappings_[kept++] = mapping;
    }
  }
  mappings_.Shrink(kept);
  return found <= most;
}

bool StackPool::HoldsPages() const {
  for (const SizeClass& size_class : classes_) {
    if (size_class.emptied < size_class.free.size()) return true;
  }
  return false;
}

bool TrimSuspended(const Stack& stack, const void* saved_stack_pointer, const void* handles_end) {
  // One page is left under the stack pointer: the red zone lies there.
  const uintptr_t used = reinterpret_cast<uintptr_t>(saved_stack_pointer) & ~(kPageSize - 1);
  char* const low = stack.base + kPageSize;
  char* const high = reinterpret_cast<char*>(used - kPageSize);
  if (high <= low) return false;
  const size_t bytes = static_cast<size_t>(high - low);
  unsigned char resident[StackPool::kLargest / kPageSize / 64];
  size_t touched = 0;
  // Stacks are used from the top, so the touched pages lie directly below `high`.
  const size_t window = sizeof resident * kPageSize;
  char* from = bytes > window ? high - window : low;
  const size_t pages = static_cast<size_t>(high - from) / kPageSize;
  if (mincore(from, static_cast<size_t>(high - from), resident) != 0) return false;
  for (size_t page = 0; page < pages; page++) touched += resident[page] & 1;
  if (touched * kPageSize < kWorthTrimming) return false;
  const auto handles = reinterpret_cast<uintptr_t>(handles_end);
  const auto top = reinterpret_cast<uintptr_t>(stack.top());
  const uintptr_t unused = (handles + kPageSize - 1) & ~(kPageSize - 1);
  if (handles >= reinterpret_cast<uintptr_t>(stack.handles()) && unused < top) {
    madvise(reinterpret_cast<void*>(unused), top - unused, MADV_DONTNEED);
  }
  return madvise(low, bytes, MADV_DONTNEED) == 0;
}

}  // namespace greenlets
