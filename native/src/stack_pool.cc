#include "stack_pool.h"

#include <sys/mman.h>

#include <cstdint>

namespace greenlets {
namespace {

constexpr size_t kSlabStacks = 64;
constexpr int kMadvGuardInstall = 102;  // Linux 6.13: a guard without a mapping of its own
// mprotect splits a mapping in two; the default vm.max_map_count is 65,530.
constexpr size_t kMostProtected = 16000;
constexpr size_t kWorthTrimming = 64 * 1024;
constexpr size_t kKeepFree = 16 * 1024;  // of a free stack: what a new greenlet touches anyway

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
    if (size_class.trimmed > size_class.free.size()) size_class.trimmed = size_class.free.size();
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
    if (!mappings_.Push({memory, bytes})) {
      munmap(memory, bytes);
      return false;
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
  if (protected_ < kMostProtected && mprotect(base, kPageSize, PROT_NONE) == 0) protected_++;
}

bool StackPool::TrimFree(size_t most) {
  for (int index = 0; index < kClasses; index++) {
    SizeClass& size_class = classes_[index];
    const size_t size = kSmallest << index;
    for (; size_class.trimmed < size_class.free.size(); size_class.trimmed++) {
      if (most-- == 0) return false;
      char* base = size_class.free[size_class.trimmed];
      madvise(base + kPageSize, size - kPageSize - kKeepFree, MADV_DONTNEED);
    }
  }
  return true;
}

bool TrimSuspended(const Stack& stack, const void* saved_stack_pointer) {
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
  return madvise(low, bytes, MADV_DONTNEED) == 0;
}

}  // namespace greenlets
