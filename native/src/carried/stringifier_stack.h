// V8 12 (Node 22) keeps the live JSON stringifiers in a vector of the isolate and expects them to end last-in
// first-out. Greenlets that block inside a toJSON end in any order, so each stack carries a vector of its own.
#pragma once

#include <v8.h>

#include <cstdint>

namespace greenlets {

/** The three words of a std::vector. */
struct StringifierVector {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  uintptr_t capacity = 0;
};

class StringifierStack {
 public:
  /** Finds the vector by watching the isolate while nested stringifications run; false where V8 has one
   *  but it was not found. */
  bool Find(v8::Isolate* isolate, v8::Local<v8::Context> context);

  void Move(StringifierVector* from, const StringifierVector& to) {
    if (slot_ == nullptr) return;
    *from = *slot_;
    *slot_ = to;
  }
  /** Frees what a coroutine that ends has allocated; its vector is empty by then. */
  static void Free(const StringifierVector& vector);

 private:
  StringifierVector* slot_ = nullptr;
};

}  // namespace greenlets
