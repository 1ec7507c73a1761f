#include "carried/exit_frame.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>

#include "compat.h"
#include "v8_thread.h"
#include "v8_words.h"

namespace greenlets {

void ExitFrames::Find(v8::Isolate* isolate, v8::Local<v8::Context> context, const IsolateWords& words, V8Thread* thread,
                      int unused_id) {
  if (!FindCurrent(isolate, context, words)) return;
  const uintptr_t frame = *current_;
  const ThreadIdentity self = thread->Get();
  size_t offset = 0;
  ExitFrame exit;
  {
    v8::Unlocker unlocker(isolate);
    if (!FindArchiving(isolate, words, self.id)) return;
    const ThreadState* state = *archiving_;
    thread->Become({unused_id, self.stack_start});
    int found = 0;
    {
      v8::Locker locker(isolate);  // writes the record
      const size_t count = malloc_usable_size(state->record) / sizeof(uintptr_t);
      for (size_t i = 1; i < count; i++) {
        if (state->record[i] != frame) continue;
        offset = i;
        found++;
      }
    }
    thread->Become(self);
    if (found != 1) return;
    exit = {frame, state->record + offset};
    Hide(exit);
  }
  if (*current_ != 0) return;
  Show(exit);
  record_offset_ = offset;
}

bool ExitFrames::FindCurrent(v8::Isolate* isolate, v8::Local<v8::Context> context, const IsolateWords& words) {
  v8::Local<v8::Function> look;
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> call;
  if (!words.found() || !v8::Function::New(context, Look, compat::Wrap(isolate, this)).ToLocal(&look) ||
      !v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate, "(look) => { look(); }"))
           .ToLocal(&script) ||
      !script->Run(context).ToLocal(&call)) {
    return false;
  }
  before_ = static_cast<uintptr_t*>(std::malloc(words.size() * sizeof(uintptr_t)));
  if (before_ == nullptr) return false;
  std::memcpy(before_, words.begin(), words.size() * sizeof(uintptr_t));
  words_ = &words;
  v8::Local<v8::Value> arguments[] = {look};
  (void)call.As<v8::Function>()->Call(context, v8::Undefined(isolate), 1, arguments).IsEmpty();
  std::free(before_);
  return candidates_ == 1 && *current_ != 0;
}

void ExitFrames::Look(const v8::FunctionCallbackInfo<v8::Value>& info) {
  auto* self = compat::Unwrap<ExitFrames>(info.Data());
  const IsolateWords& words = *self->words_;
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  for (size_t i = 0; i < words.size(); i++) {
    const uintptr_t word = words[i];
    // Older frames have higher addresses.
    if (word <= here || word >= self->before_[i]) continue;
    words[i] = 0;
    const int frames = v8::StackTrace::CurrentStackTrace(info.GetIsolate(), 1)->GetFrameCount();
    words[i] = word;
    if (frames > 0) continue;
    self->current_ = &words[i];
    self->candidates_++;
  }
}

bool ExitFrames::FindArchiving(v8::Isolate* isolate, const IsolateWords& words, int own_id) {
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
  for (const uintptr_t word : words) {
    uintptr_t seen[kMostMutexWords + sizeof(Manager) / sizeof(uintptr_t)];
    if (!words.MayBeAllocated(word) || !ReadWords(reinterpret_cast<void*>(word), seen, sizeof seen)) continue;
    for (size_t mutex = 1; mutex <= kMostMutexWords; mutex++) {
      Manager manager;
      ThreadState state;
      std::memcpy(&manager, seen + mutex, sizeof manager);
      if (manager.isolate != isolate || manager.archiving_id != own_id ||
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
