#include "carried/handle_block.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "v8_words.h"

namespace greenlets {

bool HandleBlocks::Find(v8::Isolate* isolate, const IsolateWords& words) {
  v8::HandleScope handles(isolate);
  v8::Local<v8::Object> probe = v8::Object::New(isolate);
  static_assert(sizeof probe == sizeof(uintptr_t*));
  uintptr_t* slot;
  std::memcpy(&slot, static_cast<void*>(&probe), sizeof slot);
  if (!words.found()) return false;

  // The two words that bound the room for handles: the next one is made right behind the probe.
  Scopes* scopes = nullptr;
  for (size_t i = 0; i + 1 < words.size(); i++) {
    auto* candidate = reinterpret_cast<Scopes*>(&words[i]);
    if (candidate->next != slot + 1 || candidate->limit < slot + 1 || candidate->limit > slot + kBlockWords) continue;
    if (scopes != nullptr) return false;
    scopes = candidate;
  }
  if (scopes == nullptr) return false;

  // The object that knows its isolate and, right behind that, the list of blocks whose last one ends at that limit.
  Blocks* blocks = nullptr;
  for (const uintptr_t word : words) {
    if (!words.MayBeAllocated(word)) continue;
    auto* object = reinterpret_cast<uintptr_t*>(word);
    struct {
      v8::Isolate* isolate;
      Blocks blocks;
    } seen;
    uintptr_t* last;
    if (!ReadWords(object, &seen, sizeof seen) || seen.isolate != isolate || seen.blocks.size == 0 ||
        seen.blocks.size > seen.blocks.capacity ||
        !ReadWords(seen.blocks.data + seen.blocks.size - 1, &last, sizeof last) ||
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
