#include "safe_point.h"

#include <execinfo.h>

#include <cstdint>
#include <cstring>

namespace greenlets {
namespace {

constexpr int kMostFrames = 32;
// One tier of V8's code counts loops in a function of its own, between the guard and the handler of interrupts.
constexpr int kTolerance = 1;
// Bytes before and after an address that tell whether it is in a copy of the same code.
constexpr size_t kBefore = 16;
constexpr size_t kCompared = 48;
constexpr uintptr_t kPageMask = 4095;

}  // namespace

__attribute__((noinline)) void SafePoint::LearnHere() {
  // Innermost first: this function, OnInterrupt, V8 …; the last is the first address of which the unwinder knows
  // nothing.
  void* frames[kMostFrames];
  const int count = backtrace(frames, kMostFrames);
  if (count < 4 || count == kMostFrames) {
    consistent_ = false;
    return;
  }
  const int distance = count - 1 - 2;
  if (callback_return_ == nullptr) {
    callback_return_ = frames[2];
    guard_return_ = static_cast<const char*>(frames[count - 1]);
    distance_ = distance;
  } else if (callback_return_ != frames[2] || !IsGuardReturn(static_cast<const char*>(frames[count - 1])) ||
             distance_ != distance) {
    consistent_ = false;
  }
}

__attribute__((noinline)) void SafePoint::OnInterrupt(v8::Isolate*, void* data) {
  SafePoint* self = static_cast<SafePoint*>(data);
  self->LearnHere();
  asm volatile("" ::: "memory");  // not a tail call: this frame is counted
}

bool SafePoint::Learn(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  v8::HandleScope handles(isolate);
  v8::Local<v8::String> source = v8::String::NewFromUtf8Literal(isolate, "(() => {})");
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> function;
  if (!v8::Script::Compile(context, source).ToLocal(&script) || !script->Run(context).ToLocal(&function)) return false;
  for (int i = 0; i < 2; i++) {
    isolate->RequestInterrupt(OnInterrupt, this);
    (void)function.As<v8::Function>()->Call(context, v8::Undefined(isolate), 0, nullptr).IsEmpty();
  }
  return consistent_ && callback_return_ != nullptr;
}

bool SafePoint::IsGuardReturn(const char* address) const {
  if (address == guard_return_ || address == copied_) return true;
  // V8 keeps a copy of its own generated code near the code that it generates for users.
  const uintptr_t difference = reinterpret_cast<uintptr_t>(address) ^ reinterpret_cast<uintptr_t>(guard_return_);
  if ((difference & kPageMask) != 0) return false;
  if (std::memcmp(address - kBefore, guard_return_ - kBefore, kCompared) != 0) return false;
  copied_ = address;
  return true;
}

bool SafePoint::Here() const {
  void* frames[kMostFrames];
  const int count = backtrace(frames, kMostFrames);
  if (count == 0 || count == kMostFrames || !IsGuardReturn(static_cast<const char*>(frames[count - 1]))) return false;
  for (int i = 0; i < count; i++) {
    if (frames[i] == callback_return_) return count - 1 - i <= distance_ + kTolerance;
  }
  return false;
}

}  // namespace greenlets
