// Every difference between the supported versions of Node and V8 stands here, and nowhere else.
#pragma once

#include <node.h>
#include <v8.h>

// The headers ask for newer symbol versions than Node itself does (glibc 2.28); these are the same functions.
#if defined(__x86_64__)
__asm__(".symver pthread_getattr_np,pthread_getattr_np@GLIBC_2.2.5");
__asm__(".symver pthread_attr_getstack,pthread_attr_getstack@GLIBC_2.2.5");
__asm__(".symver pthread_create,pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join,pthread_join@GLIBC_2.2.5");
#elif defined(__aarch64__)
__asm__(".symver pthread_getattr_np,pthread_getattr_np@GLIBC_2.17");
__asm__(".symver pthread_attr_getstack,pthread_attr_getstack@GLIBC_2.17");
__asm__(".symver pthread_create,pthread_create@GLIBC_2.17");
__asm__(".symver pthread_join,pthread_join@GLIBC_2.17");
#endif

namespace greenlets::compat {

// V8 12 introduced the isolate-wide slot that AsyncContextFrame uses; before, nothing in Node used it.
inline constexpr bool kHasIsolateContinuationData = V8_MAJOR_VERSION >= 12;

// JSON.stringify keeps its live stringifiers in a vector of the isolate in V8 12 alone (Node 22).
inline constexpr bool kHasStringifierStack = V8_MAJOR_VERSION == 12;

// Whether a collection may happen during a fast API call.
inline constexpr bool kFastCallsCollect = V8_MAJOR_VERSION >= 13;

// Optimizations that rely on interrupts not to write to the heap: in a loop they go on with what was loaded before it.
#if V8_MAJOR_VERSION >= 13
inline constexpr const char* kLoopAssumptions[] = {"turbo-load-elimination", "turboshaft-load-elimination", "maglev",
                                                   "turbolev"};
#elif V8_MAJOR_VERSION == 12
inline constexpr const char* kLoopAssumptions[] = {"turbo-load-elimination", "turboshaft-load-elimination", "maglev"};
#else
inline constexpr const char* kLoopAssumptions[] = {"turbo-load-elimination", "maglev"};
#endif

inline v8::Local<v8::Data> GetContinuationData(v8::Isolate* isolate) {
#if V8_MAJOR_VERSION >= 14
  return isolate->GetContinuationPreservedEmbedderDataV2();
#elif V8_MAJOR_VERSION >= 12
  return isolate->GetContinuationPreservedEmbedderData();
#else
  return v8::Undefined(isolate);
#endif
}

inline void SetContinuationData(v8::Isolate* isolate, v8::Local<v8::Data> data) {
#if V8_MAJOR_VERSION >= 14
  isolate->SetContinuationPreservedEmbedderDataV2(data);
#elif V8_MAJOR_VERSION >= 12
  isolate->SetContinuationPreservedEmbedderData(data.As<v8::Value>());
#endif
}

// V8 14 tags the pointers that it keeps for others.
inline v8::Local<v8::External> Wrap(v8::Isolate* isolate, void* pointer) {
#if V8_MAJOR_VERSION >= 14
  return v8::External::New(isolate, pointer, v8::kExternalPointerTypeTagDefault);
#else
  return v8::External::New(isolate, pointer);
#endif
}

template <typename T>
T* Unwrap(v8::Local<v8::Value> external) {
#if V8_MAJOR_VERSION >= 14
  return static_cast<T*>(external.As<v8::External>()->Value(v8::kExternalPointerTypeTagDefault));
#else
  return static_cast<T*>(external.As<v8::External>()->Value());
#endif
}

}  // namespace greenlets::compat
