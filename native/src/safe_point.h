// Where an interrupt has found the running stack.
//
// V8 handles interrupts in many places. Only where generated code has called the stack guard itself (in a loop, at the
// entry of a function) does nothing of V8 lie in between: there JavaScript may run, and the stack may be left. In the
// middle of a regular expression, of Atomics.wait() and the like it must not. The two are told apart by the native
// frames between the callback and generated code, as the unwinder of the C library gives them. For the stack guard they
// are few, and lead back to one address in generated code; what they are is learned from a function interrupted on
// purpose.
#pragma once

#include <v8.h>

namespace greenlets {

class SafePoint {
 public:
  /** Learns what the stack guard looks like; false if it could not. */
  bool Learn(v8::Isolate* isolate, v8::Local<v8::Context> context);

  /** In a callback of `RequestInterrupt`: true if generated code has called the stack guard. */
  bool Here() const;

 private:
  static void OnInterrupt(v8::Isolate* isolate, void* self);
  void LearnHere();
  bool IsGuardReturn(const char* address) const;

  void* callback_return_ = nullptr;       // where callbacks return to, in V8
  const char* guard_return_ = nullptr;    // where the stack guard returns to, in generated code
  mutable const char* copied_ = nullptr;  // the same place in V8's second copy of that code, once it was met
  int distance_ = 0;                      // frames between the two
  bool consistent_ = true;
};

}  // namespace greenlets
