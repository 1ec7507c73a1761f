#include "interrupter.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <v8-profiler.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "environment.h"

namespace greenlets {
namespace {

constexpr uint64_t kMillisecond = 1000000;
/** What the runtime library needs of a stack to switch away from it. */
constexpr ptrdiff_t kRoomToSwitch = 48 * 1024;
/** So long an interrupt may take to be served before native code is blamed. */
constexpr uint64_t kPatience = 20 * kMillisecond;
constexpr int kFramesLookedAt = 16;

/** The clock of the CPU time that the calling thread uses, for other threads to read; as pthread_getcpuclockid, which
 *  older C libraries have elsewhere. */
clockid_t CpuClockOfThisThread() {
  constexpr unsigned kPerThread = 4, kScheduled = 2;
  const auto id = static_cast<unsigned>(syscall(SYS_gettid));
  return static_cast<clockid_t>(~id << 3 | kPerThread | kScheduled);
}

/** `function (script:line:column)` */
void WritePlace(v8::Isolate* isolate, char* to, size_t size, v8::Local<v8::Value> function, v8::Local<v8::Value> script,
                int line, int column) {
  const v8::String::Utf8Value function_name(isolate, function);
  const v8::String::Utf8Value script_name(isolate, script);
  const bool named = *function_name != nullptr && **function_name != '\0';
  std::snprintf(to, size, "%s (%s:%d:%d)", named ? *function_name : "<anonymous>",
                *script_name == nullptr ? "<anonymous>" : *script_name, line, column);
}

}  // namespace

Interrupter::Interrupter(Environment* environment)
    : environment_(environment),
      isolate_(environment->isolate()),
      loop_(node::GetCurrentEventLoop(environment->isolate())),
      cpu_clock_(CpuClockOfThisThread()) {}

bool Interrupter::Start() {
  v8::HandleScope handles(isolate_);
  if (!safe_point_.Learn(isolate_, environment_->context())) return false;
  if (uv_mutex_init(&mutex_) != 0 || uv_cond_init(&changed_) != 0) return false;
  return uv_thread_create(&thread_, Main, this) == 0;
}

void Interrupter::Stop() {
  Watch(0, 0);
  uv_mutex_lock(&mutex_);
  stopping_ = true;
  uv_cond_signal(&changed_);
  uv_mutex_unlock(&mutex_);
  uv_thread_join(&thread_);
  uv_cond_destroy(&changed_);
  uv_mutex_destroy(&mutex_);
  on_slice_over.Reset();
  on_stall.Reset();
  greenlet_ids_size_ = 0;
  greenlet_ids_owner_.Reset();
  closed_ = true;
  FreeIfUnused();
}

void Interrupter::FreeIfUnused() {
  if (!closed_ || requested_ != 0 || serving_ != 0) return;
  this->~Interrupter();
  std::free(this);
}

void Interrupter::SetJob(Job* job, uint64_t period) {
  uv_mutex_lock(&mutex_);
  job->period = period;
  job->due = uv_hrtime() + period;
  uv_cond_signal(&changed_);
  uv_mutex_unlock(&mutex_);
}

void Interrupter::Preempt(uint32_t period_ms) { SetJob(&slices_, period_ms * kMillisecond); }

void Interrupter::SetSlice(uint32_t ms) {
  Coroutine* running = environment_->current();
  running->slice_ms.store(ms, std::memory_order_relaxed);
  running->suspensions++;  // another stint
}

void Interrupter::Sample(uint32_t interval_us) { SetJob(&samples_, interval_us * uint64_t{1000}); }

bool Interrupter::Watch(uint32_t max_ms, uint32_t interval_ms) {
  SetJob(&stalls_, 0);
  if (max_ms == 0) {
    if (stall_ended_ != nullptr) {
      // The loop may close it after this addon was unloaded: its callback must not be here.
      uv_close(reinterpret_cast<uv_handle_t*>(stall_ended_), reinterpret_cast<uv_close_cb>(std::free));
    }
    stall_ended_ = nullptr;
    uv_mutex_lock(&mutex_);
    for (Stall& stall : stalls_seen_) {
      stall.state = Stall::kFree;
      stall.trace.Reset();
    }
    stall_ = nullptr;
    uv_mutex_unlock(&mutex_);
    return true;
  }
  if (stall_ended_ == nullptr) {
    auto* handle = static_cast<uv_async_t*>(std::malloc(sizeof(uv_async_t)));
    if (handle == nullptr || uv_async_init(loop_, handle, OnStallEnded) != 0) {
      std::free(handle);
      return false;
    }
    handle->data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(handle));
    stall_ended_ = handle;
  }
  uv_mutex_lock(&mutex_);
  max_stint_ = max_ms * kMillisecond;
  watched_ = Stint();
  uv_mutex_unlock(&mutex_);
  SetJob(&stalls_, interval_ms * kMillisecond);
  return true;
}

void Interrupter::SetGreenletIds(v8::Local<v8::Uint32Array> ids) {
  uv_mutex_lock(&mutex_);
  greenlet_ids_ = static_cast<uint32_t*>(ids->Buffer()->Data());
  greenlet_ids_size_ = ids->Length();
  greenlet_ids_owner_.Reset(isolate_, ids);
  uv_mutex_unlock(&mutex_);
}

void Interrupter::SetLabel(Coroutine* coroutine, v8::Local<v8::String> name, v8::Local<v8::Value> function) {
  if (coroutine->label == nullptr) {
    coroutine->label = static_cast<Label*>(std::calloc(1, sizeof(Label)));
    if (coroutine->label == nullptr) return;
  }
  Label* label = coroutine->label;
  const v8::String::Utf8Value text(isolate_, name);
  std::snprintf(label->name, sizeof label->name, "%s", *text == nullptr ? "" : *text);
  const uint32_t who = GreenletOn(coroutine);
  if (label->named != who || function->IsFunction()) label->begins[0] = '\0';
  label->named = who;
  if (!function->IsFunction()) return;
  const v8::Local<v8::Function> begun = function.As<v8::Function>();
  const v8::Local<v8::Value> script = begun->GetScriptOrigin().ResourceName();
  if (!IsForeign(script)) return;
  WritePlace(isolate_, label->begins, sizeof label->begins, begun->GetDebugName(), script,
             begun->GetScriptLineNumber() + 1, begun->GetScriptColumnNumber() + 1);
}

Interrupter::Stint Interrupter::Running() const {
  const Coroutine* coroutine = environment_->current();
  uv_metrics_t metrics;
  uv_metrics_info(loop_, &metrics);
  return {coroutine, __atomic_load_n(&coroutine->suspensions, __ATOMIC_RELAXED), GreenletOn(coroutine),
          metrics.loop_count};
}

uint32_t Interrupter::GreenletOn(const Coroutine* coroutine) const {
  return coroutine->id < greenlet_ids_size_ ? __atomic_load_n(greenlet_ids_ + coroutine->id, __ATOMIC_RELAXED) : 0;
}

// --- on the thread ---

void Interrupter::Main(void* self) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);  // of this thread alone
  static_cast<Interrupter*>(self)->Run();
}

void Interrupter::Run() {
  uv_mutex_lock(&mutex_);
  while (!stopping_) {
    const uint64_t now = uv_hrtime();
    uint64_t next = UINT64_MAX;
    for (Job* job : {&slices_, &samples_, &stalls_}) {
      if (job->period == 0) continue;
      if (job->due <= now) {
        job->due = now + job->period;
        if (job == &slices_) LookForSliceOver();
        if (job == &samples_) LookForSample();
        if (job == &stalls_) LookForStall(now);
      }
      if (job->due < next) next = job->due;
    }
    if (next == UINT64_MAX) {
      uv_cond_wait(&changed_, &mutex_);
    } else {
      uv_cond_timedwait(&changed_, &mutex_, next - now);
    }
  }
  uv_mutex_unlock(&mutex_);
}

void Interrupter::Interrupt() {
  // While native code runs requests would only pile up: one that is not answered is repeated ever more rarely. With
  // the stack that was left it may have gone; so a new stint begins to ask anew.
  const Stint running = Running();
  if (requested_ == 0 || !(running == asked_)) unanswered_ = 0;
  asked_ = running;
  unanswered_++;
  const bool is_power_of_two = (unanswered_ & (unanswered_ - 1)) == 0;
  if (!is_power_of_two) return;
  requested_++;
  isolate_->RequestInterrupt(OnInterrupt, this);
}

void Interrupter::LookForSliceOver() {
  const Stint running = Running();
  // Shares are shares of the CPU: on a busy machine the time of day would give more to some than to others.
  timespec time;
  if (clock_gettime(cpu_clock_, &time) != 0) return;
  const uint64_t used = static_cast<uint64_t>(time.tv_sec) * 1000 * kMillisecond + static_cast<uint64_t>(time.tv_nsec);
  if (!(running == watched_slice_)) {
    watched_slice_ = running;
    slice_since_ = used;
    return;
  }
  const uint32_t slice_ms = running.coroutine->slice_ms.load(std::memory_order_relaxed);
  if (slice_ms == 0 || used - slice_since_ < slice_ms * kMillisecond) return;
  slice_ = running;
  Interrupt();
}

void Interrupter::LookForSample() {
  if (environment_->current() == environment_->main()) return;
  sample_due_ = true;
  Interrupt();
}

void Interrupter::LookForStall(uint64_t now) {
  const Stint running = Running();
  const uint64_t idle_time = uv_metrics_idle_time(loop_);
  if (!(running == watched_) || idle_time != idle_time_) {
    watched_ = running;
    watched_since_ = now;
    idle_time_ = idle_time;
    if (stall_ != nullptr && stall_->state == Stall::kTold) stall_->state = Stall::kFree;
    if (stall_ != nullptr && stall_->state == Stall::kRunning) {
      stall_->state = Stall::kEnded;
      uv_async_send(stall_ended_);
    }
    stall_ = nullptr;
    return;
  }
  if (now - watched_since_ < max_stint_) return;
  if (stall_ == nullptr) NoticeStall(running, now);
  if (stall_ == nullptr || stall_->state != Stall::kRunning) return;
  stall_->ms = (now - watched_since_) / kMillisecond;
  Interrupt();
  if (!stall_->said && now - stall_->noticed_at >= kPatience) SayOnStderr(*stall_);
}

void Interrupter::NoticeStall(const Stint& stint, uint64_t now) {
  for (Stall& stall : stalls_seen_) {
    if (stall.state != Stall::kFree) continue;
    stall_ = &stall;
    stall.state = Stall::kRunning;
    stall.said = false;
    stall.stint = stint;
    stall.noticed_at = now;
    stall.label = stint.coroutine->label == nullptr ? Label() : *stint.coroutine->label;
    return;
  }
}

void Interrupter::WriteName(const Stall& stall, char* to, size_t size) {
  const Label& label = stall.label;
  if (label.named != stall.stint.greenlet) {
    std::snprintf(to, size, "Greenlet-%u", static_cast<unsigned>(stall.stint.greenlet));
  } else {
    std::snprintf(to, size, "%s", label.name[0] == '\0' ? "main" : label.name);
  }
}

void Interrupter::SayOnStderr(const Stall& stall) {
  stall_->said = true;
  char text[512];
  char name[sizeof stall.label.name];
  WriteName(stall, name, sizeof name);
  const Label& label = stall.label;
  const uint32_t who = stall.stint.greenlet;
  const char* line = label.seen[0] != '\0' && label.seen_who == who ? label.seen
                     : label.named == who                           ? label.begins
                                                                    : "";
  const int length =
      std::snprintf(text, sizeof text, "greenlets: %s blocks the event loop, for %u ms so far, in native code%s%s\n",
                    name, static_cast<unsigned>(stall.ms), line[0] == '\0' ? "" : "; last seen at ", line);
  if (length <= 0) return;
  const size_t size = static_cast<size_t>(length) < sizeof text ? static_cast<size_t>(length) : sizeof text - 1;
  uv_mutex_unlock(&mutex_);  // whoever reads stderr may be slow
  (void)!write(STDERR_FILENO, text, size);
  uv_mutex_lock(&mutex_);
}

// --- on the environment's thread ---

void Interrupter::OnInterrupt(v8::Isolate* isolate, void* data) {
  Interrupter* self = static_cast<Interrupter*>(data);
  self->requested_--;
  self->serving_++;
  if (!self->closed_) self->Serve();
  self->serving_--;
  self->FreeIfUnused();
}

void Interrupter::Serve() {
  if (sample_due_.exchange(false) && environment_->current() != environment_->main()) {
    v8::CpuProfiler::CollectSample(isolate_);
  }
  ServeStall();
  ServeSlice();
}

bool Interrupter::IsForeign(v8::Local<v8::Value> script) const {
  if (script.IsEmpty() || !script->IsString()) return true;
  const v8::String::Utf8Value name(isolate_, script);
  if (*name == nullptr) return true;
  if (std::strncmp(*name, "node:", 5) == 0) return false;
  for (const char* prefix = own_scripts_; *prefix != '\0'; prefix += std::strlen(prefix) + 1) {
    if (std::strncmp(*name, prefix, std::strlen(prefix)) == 0) return false;
  }
  return true;
}

bool Interrupter::SetOwnScripts(v8::Local<v8::Array> prefixes) {
  const v8::Local<v8::Context> context = environment_->context();
  size_t used = 0;
  for (uint32_t i = 0; i < prefixes->Length(); i++) {
    v8::Local<v8::Value> item;
    if (!prefixes->Get(context, i).ToLocal(&item)) return false;
    const v8::String::Utf8Value text(isolate_, item);
    const size_t size = *text == nullptr ? 0 : std::strlen(*text) + 1;
    if (size <= 1 || used + size >= sizeof own_scripts_) return false;
    std::memcpy(own_scripts_ + used, *text, size);
    used += size;
  }
  own_scripts_[used] = '\0';
  return true;
}

bool Interrupter::InForeignCode() const {
  v8::HandleScope handles(isolate_);
  const auto trace = v8::StackTrace::CurrentStackTrace(isolate_, 1, v8::StackTrace::kScriptName);
  if (trace->GetFrameCount() == 0) return false;
  const v8::Local<v8::StackFrame> frame = trace->GetFrame(isolate_, 0);
  return !frame->IsWasm() && IsForeign(frame->GetScriptName());
}

void Interrupter::ServeSlice() {
  Coroutine* running = environment_->current();
  uv_mutex_lock(&mutex_);
  const bool over = slice_.coroutine == running && slice_.suspensions == running->suspensions;
  uv_mutex_unlock(&mutex_);
  if (!over || running->giving_way || on_slice_over.IsEmpty()) return;
  const char* here = static_cast<const char*>(__builtin_frame_address(0));
  if (here - running->stack.limit() < kRoomToSwitch) return;
  // Where it is not possible now, it will be soon: the thread asks again.
  if (!safe_point_.Here() || !InForeignCode() || !environment_->CanLeave()) return;

  v8::HandleScope handles(isolate_);
  v8::Local<v8::Context> context = environment_->context();
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate_);
  v8::Local<v8::Value> end_it;
  running->giving_way = true;
  const bool returned =
      on_slice_over.Get(isolate_)->Call(context, v8::Undefined(isolate_), 0, nullptr).ToLocal(&end_it);
  running->giving_way = false;
  if (returned) {
    if (end_it->IsTrue()) environment_->UnwindSoon();
  } else if (caught.HasTerminated()) {
    // It was ended while it was away. The termination stops here: what was interrupted must meet one of its own.
    isolate_->CancelTerminateExecution();
    isolate_->TerminateExecution();
  }
}

void Interrupter::ServeStall() {
  uv_mutex_lock(&mutex_);
  const bool due = stall_ != nullptr && stall_->state == Stall::kRunning && stall_->stint == Running();
  Stall* stall = stall_;
  uv_mutex_unlock(&mutex_);
  if (!due) return;
  v8::HandleScope handles(isolate_);
  if (safe_point_.Here() && InForeignCode()) {
    TellJavaScript(stall, false);
  } else if (stall->trace.IsEmpty()) {
    // The trace can be taken anywhere; what is done with it, only where JavaScript may run.
    stall->trace.Reset(isolate_, v8::Exception::Error(v8::String::Empty(isolate_)));
    Coroutine* running = environment_->current();
    NoteLine(running);
    uv_mutex_lock(&mutex_);
    if (running->label != nullptr) stall->label = *running->label;
    uv_mutex_unlock(&mutex_);
  }
}

void Interrupter::OnStallEnded(uv_async_t* handle) {
  Interrupter* self = static_cast<Interrupter*>(handle->data);
  if (self->environment_->current() != self->environment_->main()) return;
  v8::HandleScope handles(self->isolate_);
  v8::Context::Scope context_scope(self->environment_->context());
  node::CallbackScope scope(self->isolate_, v8::Object::New(self->isolate_), {0, 0});
  for (Stall& stall : self->stalls_seen_) {
    uv_mutex_lock(&self->mutex_);
    const bool ended = stall.state == Stall::kEnded;
    uv_mutex_unlock(&self->mutex_);
    if (ended) self->TellJavaScript(&stall, true);
  }
}

void Interrupter::TellJavaScript(Stall* stall, bool ended) {
  uv_mutex_lock(&mutex_);
  const double ms = static_cast<double>(stall->ms);
  const uint32_t coroutine = stall->stint.coroutine->id;
  char name[sizeof stall->label.name];
  WriteName(*stall, name, sizeof name);
  v8::Local<v8::Value> trace = v8::Undefined(isolate_);
  if (ended && !stall->trace.IsEmpty()) trace = stall->trace.Get(isolate_);
  stall->trace.Reset();
  stall->state = ended ? Stall::kFree : Stall::kTold;
  uv_mutex_unlock(&mutex_);
  v8::Local<v8::Context> context = environment_->context();
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate_);
  v8::Local<v8::Value> arguments[] = {trace, v8::Number::New(isolate_, ms),
                                      v8::Integer::NewFromUnsigned(isolate_, coroutine),
                                      v8::String::NewFromUtf8(isolate_, name).FromMaybe(v8::String::Empty(isolate_)),
                                      v8::Boolean::New(isolate_, ended)};
  (void)on_stall.Get(isolate_)->Call(context, v8::Undefined(isolate_), 5, arguments).IsEmpty();
  if (!caught.HasTerminated()) return;
  isolate_->CancelTerminateExecution();
  isolate_->TerminateExecution();
}

void Interrupter::NoteLineSometimes(Coroutine* coroutine) {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  if (time.tv_nsec == noted_at_) return;
  noted_at_ = time.tv_nsec;
  NoteLine(coroutine);
}

void Interrupter::NoteLine(Coroutine* coroutine) {
  if (coroutine->label == nullptr) return;
  v8::HandleScope handles(isolate_);
  const auto trace = v8::StackTrace::CurrentStackTrace(isolate_, kFramesLookedAt, v8::StackTrace::kOverview);
  for (int i = 0; i < trace->GetFrameCount(); i++) {
    const v8::Local<v8::StackFrame> frame = trace->GetFrame(isolate_, i);
    if (!IsForeign(frame->GetScriptName())) continue;
    Label* label = coroutine->label;
    label->seen_who = GreenletOn(coroutine);
    WritePlace(isolate_, label->seen, sizeof label->seen, frame->GetFunctionName(), frame->GetScriptName(),
               frame->GetLineNumber(), frame->GetColumn());
    return;
  }
}

}  // namespace greenlets
