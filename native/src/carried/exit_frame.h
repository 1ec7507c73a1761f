// Where JavaScript was left last, the frame at which V8 begins to walk a stack.
//
// V8 restores a thread in a scope of its debugger, which looks for the frame to break at: at each switch it would walk
// a few frames, for a tenth of the switch's time. The answer serves stepping alone. So while a coroutine is restored
// and no debugger is attached, its record says that there is no such frame; right after, the frame is put in its place.
//
// The collector must never see a record without its frame. It cannot: meanwhile nothing is allocated, and no other
// thread takes the lock of the isolate, which Node never gives up.
#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>

namespace greenlets {

class IsolateWords;
class V8Thread;

/** The exit frame of a suspended coroutine, and where V8's record of it is. */
struct ExitFrame {
  uintptr_t frame = 0;
  uintptr_t* record = nullptr;
};

class ExitFrames {
 public:
  /** Finds the places, and checks that they behave as such; else nothing is ever hidden. `unused_id` is a thread id
   * that nobody has. */
  void Find(v8::Isolate* isolate, v8::Local<v8::Context> context, const IsolateWords& words, V8Thread* thread,
            int unused_id);
  bool found() const { return record_offset_ != 0; }

  /** Right after the running stack has been given up by an Unlocker or a Locker. */
  void Archived(ExitFrame* exit) const {
    if (!found()) return;
    exit->frame = *current_;
    exit->record = (*archiving_)->record + record_offset_;
  }
  /** Before the stack is restored. */
  static void Hide(const ExitFrame& exit) {
    if (exit.record != nullptr) *exit.record = 0;
  }
  /** After it was restored. */
  void Show(const ExitFrame& exit) const {
    if (exit.record != nullptr) *current_ = exit.frame;
  }

 private:
  /** V8's ThreadState, as far as it is used. */
  struct ThreadState {
    int id;
    int terminates;
    uintptr_t* record;
  };

  static void Look(const v8::FunctionCallbackInfo<v8::Value>& info);
  bool FindCurrent(v8::Isolate* isolate, v8::Local<v8::Context> context, const IsolateWords& words);
  /** While the stack is given up. */
  bool FindArchiving(v8::Isolate* isolate, const IsolateWords& words, int own_id);

  const IsolateWords* words_ = nullptr;  // while Look runs
  uintptr_t* before_ = nullptr;          // the isolate's words outside the call in which Look runs
  uintptr_t* current_ = nullptr;         // V8's word with the exit frame of the running stack
  ThreadState** archiving_ = nullptr;    // V8's word with the state of the stack that was given up last
  size_t record_offset_ = 0;             // of the exit frame in a record, in words; 0 if it was not found
  int candidates_ = 0;
};

}  // namespace greenlets
