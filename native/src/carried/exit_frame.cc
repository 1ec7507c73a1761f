#include "carried/exit_frame.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>

#include "compat.h"
#include "v8_thread.h"
#include "v8_words.h"

namespace greenlets {

void ExitFrames::Find(v8::Isolate* isolate, v8::Local<v8::Context> context, V8Thread* thread, int unused_id) {
  isolate_ = isolate;
  if (!FindCurrent(context)) return;
  const uintptr_t frame = *current_;
  const ThreadIdentity self = thread->Get();
  ExitFrame exit;
  {
    v8::Unlocker unlocker(isolate);
    if (!FindArchiving(self.id)) return;
    const ThreadState* state = *archiving_;
    thread->Become({unused_id, self.stack_start});
    {
      v8::Locker locker(isolate);  // writes the record
      const size_t count = malloc_usable_size(state->record) / sizeof(uintptr_t);
      size_t found = 0;
      for (size_t i = 1; i < count; i++) {
        if (state->record[i] != frame) continue;
        exit.record = state->record + i;
        record_offset_ = i;
        found++;
      }
      if (found != 1) exit.record = nullptr;
    }
    thread->Become(self);
    Hide(exit);
  }
  if (exit.record == nullptr || *current_ != 0) {
    record_offset_ = 0;
    return;
  }
  exit.frame = frame;
  Show(exit);
}

bool ExitFrames::FindCurrent(v8::Local<v8::Context> context) {
  const IsolateWords words(isolate_);
  v8::Local<v8::Function> look;
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> call;
  if (!words.found() || !v8::Function::New(context, Look, compat::Wrap(isolate_, this)).ToLocal(&look) ||
      !v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate_, "(look) => { look(); }"))
           .ToLocal(&script) ||
      !script->Run(context).ToLocal(&call)) {
    return false;
  }
  before_ = static_cast<uintptr_t*>(std::malloc(words.size() * sizeof(uintptr_t)));
  if (before_ == nullptr) return false;
  std::memcpy(before_, words.begin(), words.size() * sizeof(uintptr_t));
  v8::Local<v8::Value> arguments[] = {look};
  (void)call.As<v8::Function>()->Call(context, v8::Undefined(isolate_), 1, arguments).IsEmpty();
  std::free(before_);
  return candidates_ == 1 && *current_ != 0;
}

void ExitFrames::Look(const v8::FunctionCallbackInfo<v8::Value>& info) {
  auto* self = compat::Unwrap<ExitFrames>(info.Data());
  const IsolateWords words(self->isolate_);
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  for (size_t i = 0; i < words.size(); i++) {
    const uintptr_t word = words[i];
    // Older frames have higher addresses.
    if (word <= here || word >= self->before_[i]) continue;
    words[i] = 0;
    const int frames = v8::StackTrace::CurrentStackTrace(self->isolate_, 1)->GetFrameCount();
    words[i] = word;
    if (frames > 0) continue;
    self->current_ = &words[i];
    self->candidates_++;
  }
}

bool ExitFrames::FindArchiving(int own_id) {
  // V8's ThreadManager, but for its mutex.
  struct Manager {
    int owner;
    int archiving_id;
    ThreadState* archiving;
    ThreadState* free;
    ThreadState* in_use;
    v8::Isolate* isolate;
  };
  constexpr size_t kMostMutexWords = 5;
  const IsolateWords words(isolate_);
  for (const uintptr_t word : words) {
    uintptr_t seen[kMostMutexWords + sizeof(Manager) / sizeof(uintptr_t)];
    if (!words.MayBeAllocated(word) || !ReadWords(reinterpret_cast<void*>(word), seen, sizeof seen)) continue;
    for (size_t mutex = 1; mutex <= kMostMutexWords; mutex++) {
      Manager manager;
      ThreadState state;
      std::memcpy(&manager, seen + mutex, sizeof manager);
      if (manager.isolate != isolate_ || manager.archiving_id != own_id ||
          !ReadWords(manager.archiving, &state, sizeof state) || state.id != own_id || state.record == nullptr) {
        continue;
      }
      archiving_ = reinterpret_cast<ThreadState**>(word + mutex * sizeof(uintptr_t) + offsetof(Manager, archiving));
      return true;
    }
  }
  return false;
}

}  // namespace greenlets
