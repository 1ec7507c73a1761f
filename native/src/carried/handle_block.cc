#include "carried/handle_block.h"

#include <malloc.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "v8_module.h"

namespace greenlets {
namespace {

/** Copies memory that may not be readable; false then. */
bool Read(const void* from, void* to, size_t bytes) {
  const iovec local{to, bytes};
  const iovec remote{const_cast<void*>(from), bytes};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(bytes);
}

/** What malloc returns has the alignment of its greatest types. */
bool LooksAllocated(uintptr_t word) {
  return word % alignof(std::max_align_t) == 0 && word > kPageSize && word >> 47 == 0;
}

}  // namespace

bool HandleBlocks::Find(v8::Isolate* isolate) {
  v8::HandleScope handles(isolate);
  v8::Local<v8::Object> probe = v8::Object::New(isolate);
  static_assert(sizeof probe == sizeof(uintptr_t*));
  uintptr_t* slot;
  std::memcpy(&slot, static_cast<void*>(&probe), sizeof slot);
  auto* words = reinterpret_cast<uintptr_t*>(isolate);
  const size_t count = malloc_usable_size(isolate) / sizeof(uintptr_t);
  if (count < 100 || count > 128 * 1024) return false;

  // The two words that bound the room for handles: the next one is made right behind the probe.
  Scopes* scopes = nullptr;
  for (size_t i = 0; i + 1 < count; i++) {
    auto* candidate = reinterpret_cast<Scopes*>(words + i);
    if (candidate->next != slot + 1 || candidate->limit < slot + 1 || candidate->limit > slot + kBlockWords) continue;
    if (scopes != nullptr) return false;
    scopes = candidate;
  }
  if (scopes == nullptr) return false;

  // The object that knows its isolate and, right behind that, the list of blocks whose last one ends at that limit.
  // Most words are addresses of code, where it is not.
  dl_phdr_info module;
  if (!FindV8Module(&module)) return false;
  void* code;
  size_t code_bytes;
  isolate->GetCodeRange(&code, &code_bytes);
  Blocks* blocks = nullptr;
  for (size_t i = 0; i < count; i++) {
    if (!LooksAllocated(words[i]) || IsInside(module, words[i])) continue;
    if (words[i] - reinterpret_cast<uintptr_t>(code) < code_bytes) continue;
    auto* object = reinterpret_cast<uintptr_t*>(words[i]);
    struct {
      v8::Isolate* isolate;
      Blocks blocks;
    } seen;
    uintptr_t* last;
    if (!Read(object, &seen, sizeof seen) || seen.isolate != isolate || seen.blocks.size == 0 ||
        seen.blocks.size > seen.blocks.capacity || !Read(seen.blocks.data + seen.blocks.size - 1, &last, sizeof last) ||
        last + kBlockWords != scopes->limit) {
      continue;
    }
    auto* candidate = reinterpret_cast<Blocks*>(object + 1);
    if (blocks != nullptr && blocks != candidate) return false;
    blocks = candidate;
  }
  if (blocks == nullptr) return false;
  scopes_ = scopes;
  blocks_ = blocks;
  return true;
}

bool HandleBlocks::MoveTo(const Stack& stack) {
  if (scopes_ == nullptr || blocks_->size != 1) return false;
  uintptr_t* const from = blocks_->data[0];
  const size_t used = static_cast<size_t>(scopes_->next - from);
  if (scopes_->limit != from + kBlockWords || used > kBlockWords) return false;
  uintptr_t* const to = Place(stack);
  std::memcpy(to, from, used * sizeof(uintptr_t));
  blocks_->data[0] = to;
  scopes_->next = to + used;
  scopes_->limit = to + kBlockWords;
  std::free(from);
  return true;
}

void HandleBlocks::TakeOut(const Stack& stack) {
  uintptr_t* const place = Place(stack);
  size_t kept = 0;
  for (size_t i = 0; i < blocks_->size; i++) {
    if (blocks_->data[i] != place) blocks_->data[kept++] = blocks_->data[i];
  }
  blocks_->size = kept;
}

}  // namespace greenlets
