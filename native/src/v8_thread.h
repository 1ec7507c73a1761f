// V8 tells threads apart by two thread-local words of its own. A coroutine that has its own pair is a thread to
// V8: its state is archived and restored by Locker and Unlocker, and visited by the garbage collector.
//
// Neither word has a public name. Both are found, once a process, by watching V8's thread-local block in helper
// threads while public functions of V8 write to them; what is found is verified before use.
#pragma once

#include <v8.h>

namespace greenlets {

/** What V8 knows a thread by. */
struct ThreadIdentity {
  int id = 0;
  void* stack_start = nullptr;
};

class V8Thread {
 public:
  /** Finds the two words. Null on success, else what failed, in words for a user. */
  static const char* Discover(v8::Isolate* isolate);

  /** Binds to the words of the calling thread, which must be the isolate's. */
  void Attach(v8::Isolate* isolate);

  ThreadIdentity Get() const { return {*id_slot_, stack_start_slot_ == nullptr ? nullptr : *stack_start_slot_}; }
  void Become(const ThreadIdentity& identity) {
    *id_slot_ = identity.id;
    if (stack_start_slot_ != nullptr) *stack_start_slot_ = identity.stack_start;
  }
  /** An id that no thread has, drawn from V8's own counter. */
  int NewId(v8::Isolate* isolate);

 private:
  int* id_slot_ = nullptr;
  void** stack_start_slot_ = nullptr;
};

}  // namespace greenlets
