// A debugger's "step into" that is pending while the stack is switched: V8 archives it with the thread, and when it
// restores the thread it looks for a frame that cannot exist and walks off the end of the stack.
//
// V8 turns the step into a "step out", which it restores well, when a `debugger` statement is met in a context that no
// inspector knows; so one is executed before each switch while a debugger may be attached.
#pragma once

#include <v8.h>

#include <atomic>

namespace greenlets {

class Stepping {
 public:
  /** Whether a debugger may be attached to this thread, and whether it may be to any thread. */
  void Watch(bool here, bool anywhere) {
    here_ = here;
    if (anywhere) anywhere_.store(true, std::memory_order_relaxed);
  }

  /** Whether V8 may be stepping. */
  bool possible() const { return here_ || anywhere_.load(std::memory_order_relaxed); }

  /** The running stack is about to be suspended. */
  void Leave(v8::Isolate* isolate) {
    if (possible()) Withdraw(isolate);
  }
  void Reset() {
    context_.Reset();
    statement_.Reset();
  }

 private:
  void Withdraw(v8::Isolate* isolate);
  bool Prepare(v8::Isolate* isolate);

  bool here_ = false;
  static inline std::atomic<bool> anywhere_{false};
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> statement_;
};

}  // namespace greenlets
