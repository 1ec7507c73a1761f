// Where a coroutine's first handles live.
//
// V8 gives each thread that makes a handle a block of 8 KB of its own, of which a suspended coroutine uses a few
// words. So the block of a coroutine is moved to the top of its stack, where those words share a page with its first
// frames; the rest of the block is reserved memory that nobody touches:
//
//   ... <- frames grow down | handles, grow up -> | room for 8 KB of them | top
//                        a page boundary lies here ^
//
// V8 neither knows nor minds: its list of blocks names the new place, so the collector visits the handles there. Before
// the coroutine's outermost HandleScope ends, and V8 frees the blocks in its list, the place is taken out of it.
#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>

#include "stack_pool.h"

namespace greenlets {

class IsolateWords;

/** V8's bookkeeping of handles in one isolate; its places are found, and checked, when the engine starts. */
class HandleBlocks {
 public:
  /** Finds the places. False where they are not exactly what is known: then every coroutine keeps V8's block. */
  bool Find(v8::Isolate* isolate, const IsolateWords& words);

  /** Moves the running coroutine's handles, all in its first block, to its stack; true if done. */
  bool MoveTo(const Stack& stack);
  /** Where the running coroutine's next handle will be: what its block has above holds nothing. Null if unknown. */
  const void* next() const { return scopes_ == nullptr ? nullptr : scopes_->next; }
  /** V8 is not to free the block on `stack`, whose handles are dead. */
  void TakeOut(const Stack& stack);

 private:
  static constexpr size_t kBlockWords = 1022;

  /** V8's HandleScopeData, as far as it is used. */
  struct Scopes {
    uintptr_t* next;
    uintptr_t* limit;
  };
  /** V8's DetachableVector. */
  struct Blocks {
    uintptr_t** data;
    size_t capacity;
    size_t size;
  };

  static uintptr_t* Place(const Stack& stack) { return reinterpret_cast<uintptr_t*>(stack.handles()); }

  Scopes* scopes_ = nullptr;
  Blocks* blocks_ = nullptr;
};

/** Keeps the handles of a coroutine on its stack. Stands right behind its outermost HandleScope and one first handle,
 *  which is not used again: with it V8 has allocated the block. */
class HandlesOnStack {
 public:
  HandlesOnStack(HandleBlocks* blocks, const Stack& stack)
      : blocks_(blocks), stack_(stack), moved_(blocks->MoveTo(stack)) {}
  ~HandlesOnStack() {
    if (moved_) blocks_->TakeOut(stack_);
  }
  HandlesOnStack(const HandlesOnStack&) = delete;
  HandlesOnStack& operator=(const HandlesOnStack&) = delete;

 private:
  HandleBlocks* blocks_;
  const Stack& stack_;
  bool moved_;
};

}  // namespace greenlets
