// The engine's state in one Node environment: the main thread, or one worker. Nothing is global but the offsets
// that V8Thread discovers.
#pragma once

#include <node.h>
#include <node_api.h>
#include <v8.h>

#include <atomic>

#include "array.h"
#include "carried/continuation_data.h"
#include "carried/handle_block.h"
#include "carried/join_stack.h"
#include "carried/scope_depth.h"
#include "carried/stepping.h"
#include "carried/stringifier_stack.h"
#include "coroutine.h"
#include "interrupter.h"
#include "stack_pool.h"
#include "v8_thread.h"

namespace greenlets {

class Environment {
 public:
  /** Null on success, else what failed, in words for a user. */
  const char* Start(v8::Isolate* isolate, v8::Local<v8::Context> context, napi_env napi);
  ~Environment();

  /** A new coroutine that will call `entry`; null when there is no memory for its stack. */
  Coroutine* Create(v8::Local<v8::Function> entry, size_t stack_size);

  /** Suspends the running stack and resumes `target`. Returns when somebody resumes this one; a termination may be
   *  pending then. False, and nothing has happened, if this stack must not be left now. */
  bool Transfer(Coroutine* target);

  /** An Error whose trace is the stack of `target`, which is suspended. Nothing runs there and nothing changes, so this
   * is possible wherever `target` stands and whoever asks. */
  v8::Local<v8::Value> TraceOf(Coroutine* target);

  /** False if the running stack must not be suspended now. */
  bool CanLeave() const { return current_ == &main_ || !(InOwnMicrotasks() || InScopeNotCarried()); }

  /** Ends `coroutine` by a termination: at once if it runs, else when it is resumed. */
  void Unwind(Coroutine* coroutine);

  /** Runs on a coroutine's stack after its entry has returned or was unwound; never returns. */
  [[noreturn]] void Leave(Coroutine* ended, Coroutine* target);

  /** Raises a termination on the running stack, before any more JavaScript runs there. */
  void RaiseTermination();

  /** In an interrupt: has the running coroutine ended by a termination, as soon as V8 looks for one. */
  void UnwindSoon();

  /** What interrupts this environment's JavaScript; started when it is first asked for. Null if that is not possible.
   */
  Interrupter* interrupter();

  enum Trimmed { kAll, kLater, kMore };
  /** Looks for memory of suspended and free stacks that has not been used since the last look, and gives it back, a
   * part at a time: kMore if there is a rest, kLater if another look will find some, kAll if nothing is left. */
  Trimmed Trim();

  Coroutine* Find(uint32_t id) {
    return id < coroutines_.size() && coroutines_[id]->state != Coroutine::kEnded ? coroutines_[id] : nullptr;
  }
  Coroutine* main() { return &main_; }
  Coroutine* current() const { return current_.load(std::memory_order_relaxed); }

  v8::Isolate* isolate() { return isolate_; }
  v8::Local<v8::Context> context() { return context_.Get(isolate_); }
  const StackPool& stacks() const { return stacks_; }

  v8::Global<v8::Object> exports;  // handed out again when the addon is loaded twice
  // Called on a coroutine's stack before it is unwound by a termination, and after.
  v8::Global<v8::Function> before_forced_end;
  v8::Global<v8::Function> after_forced_end;
  bool carries_callback_depth() const { return callback_depth_.bound(); }
  bool carries_microtask_depth() const { return microtask_depth_.bound(); }
  bool hides_exit_frames() const { return exit_frames_.found(); }
  bool carries_stringifiers = false;
  JoinStack joins;
  Stepping stepping;

 private:
  friend class Coroutine;
  static void OnCleanup(void* self);
  void UnwindAll();
  /** True if the running coroutine runs promise jobs on its own stack, which must end before it may be left. */
  bool InOwnMicrotasks() const;
  /** True if the running coroutine is inside a microtask scope whose count cannot be carried. */
  bool InScopeNotCarried() const;
  /** True once Node has begun to stop this environment. */
  bool Stopping() const;
  void Exchange(Coroutine* from, Coroutine* to);
  /** Suspends `from`, the running stack, and resumes `to`; returns when `from` is resumed. */
  void Switch(Coroutine* from, Coroutine* to);
  /** After `self` was resumed: raises a termination that is due on its stack; false if so. */
  bool RaiseWhatIsDue(Coroutine* self);
  /** Ends the running coroutine by a termination. */
  void UnwindCurrent();
  /** Tells the runtime library that the running coroutine is about to be ended by a termination. */
  void PrepareForForcedEnd();

  v8::Isolate* isolate_ = nullptr;
  napi_env napi_ = nullptr;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> nothing_;  // a function to call so that a termination surfaces
  V8Thread thread_;
  StackPool stacks_;
  ContinuationDataGuard continuation_guard_;
  ScopeDepth<size_t> callback_depth_;
  ScopeDepth<int> microtask_depth_;
  StringifierStack stringifiers_;
  HandleBlocks handle_blocks_;
  ExitFrames exit_frames_;

  Coroutine main_;
  std::atomic<Coroutine*> current_{&main_};  // the interrupter reads it, too
  Interrupter* interrupter_ = nullptr;
  Array<Coroutine*> coroutines_;  // by id; 0 is the main stack
  Array<uint32_t> free_ids_;
  Array<int> free_thread_ids_;
  bool main_runs_microtasks_ = false;
  int main_microtask_depth_ = 0;
  size_t next_to_trim_ = 0;
  bool trim_again_ = false;
  bool trimming_ = false;
  bool foreign_termination_ = false;  // travels with the next switch to the main stack
  bool closing_ = false;
};

}  // namespace greenlets
