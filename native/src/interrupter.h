// A thread that watches the one on which JavaScript runs, and interrupts it: so that greenlets take turns, to see who
// hogs the event loop, and to put coroutines into CPU profiles.
//
// V8 archives interrupt requests with a thread, so that one may come late, or never, when the stack is left right then.
// Everything here is therefore level-triggered: whatever is due is looked for again and again while it is due, and
// asked for again; an interrupt that finds nothing due does nothing.
//
// A stint is the time from one switch to the next, or from one turn of the event loop to the next. It is known by the
// running coroutine, who runs there, how often it was suspended, and how often the loop has turned.
#pragma once

#include <time.h>
#include <uv.h>
#include <v8.h>

#include <atomic>
#include <cstdint>

#include "safe_point.h"

namespace greenlets {

class Environment;
struct Coroutine;

/** What the watchdog can tell of a coroutine while JavaScript does not run. Written by the environment's thread. */
struct Label {
  char name[64];
  char begins[240];  // the function that began there
  char seen[240];    // where it was seen last
  uint32_t named;    // the greenlet whose name that is, and that began
  uint32_t seen_who;
};

class Interrupter {
 public:
  explicit Interrupter(Environment* environment);

  /** Learns to interrupt, and starts the thread. False if one of them could not be done. */
  bool Start();
  /** Ends the thread, and frees the object as soon as V8 cannot call it back any more. */
  void Stop();

  /** Calls `on_slice_over()` on the running stack when the running coroutine has used its slice up. It may switch away;
   *  it returns true to have the coroutine ended by force. `period_ms`: how often to look; 0 = not any more. */
  void Preempt(uint32_t period_ms);
  /** The slice of the running coroutine, which begins now; 0 = it is not preempted. */
  void SetSlice(uint32_t ms);

  /** Takes a sample for CPU profiles every so many microseconds while a coroutine runs; 0 = not any more. */
  void Sample(uint32_t interval_us);

  /** Calls `on_stall(trace, ms, coroutine, name, ended)` on the running stack when a stint has taken `max_ms`, once a
   *  stint. If that cannot be done soon, tells so on stderr, from the thread; if not before the stint has ended, calls
   * it from the event loop. `max_ms` 0 = not any more. False if the event loop has no room for it. */
  bool Watch(uint32_t max_ms, uint32_t interval_ms);
  /** Where JavaScript writes the numbers of greenlets, by the ids of the coroutines that they run on. One without a
   * name needs no other label. */
  void SetGreenletIds(v8::Local<v8::Uint32Array> ids);
  /** What the watchdog calls a coroutine whose greenlet's number is known, and the function that begins there. */
  void SetLabel(Coroutine* coroutine, v8::Local<v8::String> name, v8::Local<v8::Value> function);
  /** A coroutine was resumed: notes where it stands, a few hundred times a second at most. */
  void Resumed(Coroutine* coroutine) {
    if (stall_ended_ != nullptr) NoteLineSometimes(coroutine);
  }

  /** How the names of this package's scripts begin. False if there is no room for them. */
  bool SetOwnScripts(v8::Local<v8::Array> prefixes);

  v8::Global<v8::Function> on_slice_over;
  v8::Global<v8::Function> on_stall;

 private:
  struct Stint {
    const Coroutine* coroutine = nullptr;
    uint32_t suspensions = 0;
    uint32_t greenlet = 0;  // many may begin on a coroutine, one after the other
    uint64_t turns = 0;
    bool operator==(const Stint&) const = default;
  };
  /** A stint that takes too long, until JavaScript has been told. */
  struct Stall {
    enum : uint8_t { kFree, kRunning, kEnded, kTold } state = kFree;
    bool said = false;  // on stderr
    Stint stint;
    uint64_t ms = 0;
    uint64_t noticed_at = 0;
    Label label;
    v8::Global<v8::Value> trace;  // the environment's thread's own; empty until it was taken
  };
  struct Job {
    uint64_t period = 0;  // ns; 0 = off
    uint64_t due = 0;
  };

  static void Main(void* self);
  static void OnInterrupt(v8::Isolate* isolate, void* self);
  static void OnStallEnded(uv_async_t* handle);
  void FreeIfUnused();

  // On the thread, which holds the mutex.
  void Run();
  void LookForSliceOver();
  void LookForSample();
  void LookForStall(uint64_t now);
  void NoticeStall(const Stint& stint, uint64_t now);
  void SayOnStderr(const Stall& stall);
  void Interrupt();

  // On the environment's thread.
  void Serve();
  void ServeSlice();
  void ServeStall();
  void TellJavaScript(Stall* stall, bool ended);
  bool InForeignCode() const;
  void NoteLineSometimes(Coroutine* coroutine);
  void NoteLine(Coroutine* coroutine);
  bool IsForeign(v8::Local<v8::Value> script) const;
  static void WriteName(const Stall& stall, char* to, size_t size);
  void SetJob(Job* job, uint64_t period);

  // On both.
  Stint Running() const;
  uint32_t GreenletOn(const Coroutine* coroutine) const;

  Environment* const environment_;
  v8::Isolate* const isolate_;
  uv_loop_t* const loop_;
  const clockid_t cpu_clock_;  // of the environment's thread
  SafePoint safe_point_;
  char own_scripts_[16 * 1024] = "";  // one after the other, then an empty one

  uv_thread_t thread_;
  uv_mutex_t mutex_;
  uv_cond_t changed_;
  std::atomic<int> requested_{0};  // interrupts that V8 has not called back yet
  int serving_ = 0;                // callbacks that have not returned: of greenlets that give way they are suspended
  bool closed_ = false;

  // Guarded by the mutex.
  bool stopping_ = false;
  uint32_t* greenlet_ids_ = nullptr;  // changed by the environment's thread alone
  size_t greenlet_ids_size_ = 0;
  Job slices_;
  Job samples_;
  Job stalls_;
  Stint slice_;  // the stint whose slice is over; served if it still runs
  uint64_t max_stint_ = 0;
  Stall stalls_seen_[4];
  Stall* stall_ = nullptr;  // the one of the stint that runs

  // The thread's own.
  Stint asked_;              // the stint that was to be interrupted last
  uint32_t unanswered_ = 0;  // how often, without an answer
  Stint watched_slice_;
  uint64_t slice_since_ = 0;
  Stint watched_;
  uint64_t watched_since_ = 0;
  uint64_t idle_time_ = 0;

  // The environment's thread's own.
  std::atomic<bool> sample_due_{false};
  v8::Global<v8::Uint32Array> greenlet_ids_owner_;
  uv_async_t* stall_ended_ = nullptr;  // while a watchdog runs
  long noted_at_ = 0;
};

}  // namespace greenlets
