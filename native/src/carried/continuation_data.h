// The slot in which AsyncContextFrame keeps the stores of AsyncLocalStorage (Node 24; 22 with its flag).
//
// Carrying it is simple: read before a switch, written after. The collector is the hazard: V8 visits the slot once
// for each archived thread, which corrupts a young value in a scavenge. So during collections the value
// moves to a Global, and the slot is undefined.
#pragma once

#include <v8.h>

#include "compat.h"

namespace greenlets {

class ContinuationDataGuard {
 public:
  void Install(v8::Isolate* isolate) {
    if constexpr (!compat::kHasIsolateContinuationData) return;
    isolate->AddGCPrologueCallback(Hide, this, kAllTypes);
    isolate->AddGCEpilogueCallback(Show, this, kAllTypes);
  }
  void Remove(v8::Isolate* isolate) {
    if constexpr (!compat::kHasIsolateContinuationData) return;
    isolate->RemoveGCPrologueCallback(Hide, this);
    isolate->RemoveGCEpilogueCallback(Show, this);
    hidden_.Reset();
  }

 private:
  static constexpr v8::GCType kAllTypes = static_cast<v8::GCType>(0xff);

  static void Hide(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* self) {
    auto* guard = static_cast<ContinuationDataGuard*>(self);
    if (!guard->hidden_.IsEmpty()) return;
    v8::HandleScope handles(isolate);
    v8::Local<v8::Data> data = compat::GetContinuationData(isolate);
    if (data->IsValue() && data.As<v8::Value>()->IsUndefined()) return;
    guard->hidden_.Reset(isolate, data);
    compat::SetContinuationData(isolate, v8::Undefined(isolate));
  }
  static void Show(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* self) {
    auto* guard = static_cast<ContinuationDataGuard*>(self);
    if (guard->hidden_.IsEmpty()) return;
    v8::HandleScope handles(isolate);
    compat::SetContinuationData(isolate, guard->hidden_.Get(isolate));
    guard->hidden_.Reset();
  }

  v8::Global<v8::Data> hidden_;
};

}  // namespace greenlets
