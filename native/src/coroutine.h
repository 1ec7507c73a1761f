// One coroutine: a stack of its own, and what identifies it to V8.
//
//   kNew ──first transfer──> kRunning <──transfer──> kSuspended
//                               │ entry returned, or was unwound
//                               v
//                            kEnded: stack, thread id and record are reused
#pragma once

#include <v8.h>

#include <atomic>
#include <cstdint>

#include "carried/exit_frame.h"
#include "carried/stringifier_stack.h"
#include "stack_pool.h"
#include "v8_thread.h"

namespace greenlets {

class Environment;
struct Label;

struct Coroutine {
  enum State : uint8_t { kNew, kSuspended, kRunning, kEnded };

  Environment* environment = nullptr;
  uint32_t id = 0;
  State state = kNew;
  bool unwind = false;                // end it by a termination as soon as it is resumed
  bool trimmed = false;               // since it was suspended
  bool giving_way = false;            // it was interrupted to let others run
  std::atomic<uint32_t> slice_ms{0};  // it is interrupted after so long; 0 = never
  Label* label = nullptr;             // for the watchdog, once that runs
  uint32_t suspensions = 0;
  uint32_t suspensions_at_trim = 0;
  void* stack_pointer = nullptr;
  const void* handles_end = nullptr;  // while it is suspended
  Stack stack;
  ThreadIdentity identity;
  v8::Global<v8::Function> entry;

  // What is carried with the stack; see carried/.
  size_t callback_depth = 0;
  int microtask_depth = 0;
  StringifierVector stringifiers;
  ExitFrame exit;

  /** The first C++ frame of every coroutine. */
  static void Main(void* self);

 private:
  /** Runs the entry; the coroutine to go on with. */
  Coroutine* RunEntry();
};

}  // namespace greenlets
