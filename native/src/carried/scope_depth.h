// A nesting counter of the runtime that belongs to the stack which raised it.
//
// Node counts nested callback scopes, V8 counts nested microtask scopes. A stack suspended inside such a scope
// must take its share of the count with it, or the main stack never again looks like the outermost one, and
// ticks and promise jobs starve. The main stack's count stays where it is; a coroutine carries what it added.
#pragma once

#include <v8.h>

#include <cstddef>

namespace greenlets {

template <typename Word>
class ScopeDepth {
 public:
  /** `slot` is the counter itself; null where it was not found, and then nothing is carried. */
  void Bind(Word* slot, Word least) {
    slot_ = slot;
    least_ = least;
  }
  bool bound() const { return slot_ != nullptr; }

  /** Takes off what the departing stack added, null meaning the main stack, and puts on the target's. */
  void Move(Word* from_share, const Word* to_share) {
    if (slot_ == nullptr) return;
    if (from_share == nullptr) {
      main_depth_ = *slot_;
    } else {
      *from_share = *slot_ > base() ? *slot_ - base() : 0;
    }
    *slot_ = to_share == nullptr ? main_depth_ : base() + *to_share;
  }
  /** True if the running coroutine, not the main stack, is inside such a scope. */
  bool Raised() const { return slot_ != nullptr && *slot_ > base(); }

 private:
  // A coroutine never looks like the outermost scope: leaving that one runs ticks and promise jobs, on its stack.
  Word base() const { return main_depth_ > least_ ? main_depth_ : least_; }

  Word* slot_ = nullptr;
  Word least_ = 0;
  Word main_depth_ = 0;
};

/** Node's count of callback scopes, found by watching node::Environment around public CallbackScopes. */
size_t* FindCallbackDepth(v8::Isolate* isolate, v8::Local<v8::Context> context);

/** V8's count of microtask scopes, found by watching the queue around public MicrotasksScopes. */
int* FindMicrotaskDepth(v8::Isolate* isolate, v8::Local<v8::Context> context);

}  // namespace greenlets
