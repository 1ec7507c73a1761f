#include "environment.h"

#include <cstdlib>
#include <new>

#include "arch/switch.h"
#include "compat.h"
#include "v8_words.h"
#include "v8_features.h"

namespace greenlets {

const char* Environment::Start(v8::Isolate* isolate, v8::Local<v8::Context> context, napi_env napi) {
  const char* failure = V8Thread::Discover(isolate);
  if (failure != nullptr) return failure;
  isolate_ = isolate;
  napi_ = napi;
  context_.Reset(isolate, context);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> nothing;
  if (!v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate, "(() => {})")).ToLocal(&script) ||
      !script->Run(context).ToLocal(&nothing)) {
    return "V8 did not compile a function";
  }
  nothing_.Reset(isolate, nothing.As<v8::Function>());
  thread_.Attach(isolate);
  main_.environment = this;
  main_.identity = thread_.Get();
  main_.state = Coroutine::kRunning;
  if (!coroutines_.Push(&main_)) return "out of memory";
  DisableWhatCannotBeArchived();
  callback_depth_.Bind(FindCallbackDepth(isolate, context), 1);
  microtask_depth_.Bind(FindMicrotaskDepth(isolate, context), 0);
  carries_stringifiers = stringifiers_.Find(isolate, context);
  joins.Find(isolate, context);
  const IsolateWords words(isolate);
  handle_blocks_.Find(isolate, words);
  const int unused_id = thread_.NewId(isolate);
  exit_frames_.Find(isolate, context, words, &thread_, unused_id);
  free_thread_ids_.Push(unused_id);
  continuation_guard_.Install(isolate);
  node::AddEnvironmentCleanupHook(isolate, OnCleanup, this);
  return nullptr;
}

Environment::~Environment() {
  for (Coroutine* coroutine : coroutines_) {
    if (coroutine == &main_) continue;
    std::free(coroutine->label);
    coroutine->~Coroutine();
    std::free(coroutine);
  }
}

Coroutine* Environment::Create(v8::Local<v8::Function> entry, size_t stack_size) {
  const Stack stack = stacks_.Take(stack_size);
  if (stack.base == nullptr) return nullptr;
  Coroutine* coroutine = nullptr;
  if (!free_ids_.empty()) {
    coroutine = coroutines_[free_ids_.Pop()];
  } else {
    // Room to take the id and the thread id back is reserved now, where failure can be told.
    const size_t count = coroutines_.size() + 1;
    if (free_ids_.Reserve(count) && free_thread_ids_.Reserve(count)) {
      void* memory = std::calloc(1, sizeof(Coroutine));
      if (memory != nullptr) coroutine = new (memory) Coroutine();
    }
    if (coroutine == nullptr || !coroutines_.Push(coroutine)) {
      std::free(coroutine);
      stacks_.Give(stack);
      return nullptr;
    }
    coroutine->id = static_cast<uint32_t>(count - 1);
    coroutine->environment = this;
  }
  coroutine->state = Coroutine::kNew;
  coroutine->unwind = false;
  coroutine->giving_way = false;
  coroutine->slice_ms = 0;
  coroutine->trimmed = false;
  coroutine->callback_depth = 0;
  coroutine->microtask_depth = 0;
  coroutine->stringifiers = StringifierVector();
  coroutine->exit = ExitFrame();
  coroutine->stack = stack;
  coroutine->identity.id = free_thread_ids_.empty() ? thread_.NewId(isolate_) : free_thread_ids_.Pop();
  coroutine->identity.stack_start = stack.top();
  coroutine->stack_pointer = PrepareStack(stack.handles(), Coroutine::Main, coroutine);
  coroutine->entry.Reset(isolate_, entry);
  return coroutine;
}

bool Environment::InOwnMicrotasks() const {
  return !main_runs_microtasks_ && v8::MicrotasksScope::IsRunningMicrotasks(isolate_);
}

bool Environment::InScopeNotCarried() const {
  return !microtask_depth_.bound() && v8::MicrotasksScope::GetCurrentDepth(isolate_) > main_microtask_depth_;
}

void Environment::Exchange(Coroutine* from, Coroutine* to) {
  callback_depth_.Move(from == &main_ ? nullptr : &from->callback_depth, to == &main_ ? nullptr : &to->callback_depth);
  microtask_depth_.Move(from == &main_ ? nullptr : &from->microtask_depth,
                        to == &main_ ? nullptr : &to->microtask_depth);
  stringifiers_.Move(&from->stringifiers, to->stringifiers);
  if (!stepping.possible()) ExitFrames::Hide(to->exit);
  to->state = Coroutine::kRunning;
  to->trimmed = false;
  current_.store(to, std::memory_order_relaxed);
  thread_.Become(to->identity);
}

bool Environment::Transfer(Coroutine* to) {
  Coroutine* from = current();
  if (from == &main_) {
    main_runs_microtasks_ = v8::MicrotasksScope::IsRunningMicrotasks(isolate_);
    if (!microtask_depth_.bound()) main_microtask_depth_ = v8::MicrotasksScope::GetCurrentDepth(isolate_);
  } else if (!CanLeave()) {
    return false;
  }
  if (!closing_) stepping.Leave(isolate_);
  const v8::Local<v8::Data> continuation = compat::GetContinuationData(isolate_);
  from->suspensions++;
  Switch(from, to);
  if (interrupter_ != nullptr) interrupter_->Resumed(from);
  compat::SetContinuationData(isolate_, continuation);
  RaiseWhatIsDue(from);
  return true;
}

void Environment::Switch(Coroutine* from, Coroutine* to) {
  from->state = Coroutine::kSuspended;
  from->handles_end = handle_blocks_.next();
  {
    v8::Unlocker unlocker(isolate_);
    exit_frames_.Archived(&from->exit);
    Exchange(from, to);
    greenlets_switch(&from->stack_pointer, to->stack_pointer);
  }
  exit_frames_.Show(from->exit);
  isolate_->Enter();
  isolate_->Exit();  // V8's heap has a copy of the stack start; this renews it
}

bool Environment::RaiseWhatIsDue(Coroutine* self) {
  if (self->unwind) {
    UnwindCurrent();
  } else if (foreign_termination_) {
    if (self == &main_) foreign_termination_ = false;
    RaiseTermination();
  } else if (!closing_ && Stopping()) {
    // V8 archives interrupt requests with a thread, and Node's may have stayed with another one.
    RaiseTermination();
  } else {
    return true;
  }
  return false;
}

v8::Local<v8::Value> Environment::TraceOf(Coroutine* target) {
  // V8 looks at the frames of the target, and runs on this stack meanwhile: on the other one it would touch memory that
  // ten thousand suspended stacks then keep.
  v8::Global<v8::Value> trace;
  const ThreadIdentity self = current()->identity;
  {
    v8::Unlocker unlocker(isolate_);
    thread_.Become({target->identity.id, self.stack_start});
    {
      v8::Locker locker(isolate_);
      v8::HandleScope handles(isolate_);
      trace.Reset(isolate_, v8::Exception::Error(v8::String::Empty(isolate_)));
    }
    exit_frames_.Archived(&target->exit);
    thread_.Become(self);
  }
  return trace.Get(isolate_);
}

void Environment::Leave(Coroutine* ended, Coroutine* target) {
  Exchange(ended, target);
  StringifierStack::Free(ended->stringifiers);
  ended->state = Coroutine::kEnded;
  free_ids_.Push(ended->id);
  free_thread_ids_.Push(ended->identity.id);
  stacks_.Give(ended->stack);
  // The stack stays mapped, and nothing can take it before this switch is done.
  greenlets_switch(&ended->stack_pointer, target->stack_pointer);
  __builtin_trap();
}

void Environment::RaiseTermination() {
  v8::Isolate::AllowJavascriptExecutionScope allow(isolate_);
  isolate_->TerminateExecution();
  v8::HandleScope handles(isolate_);
  (void)nothing_.Get(isolate_)->Call(context(), v8::Undefined(isolate_), 0, nullptr).IsEmpty();
}

bool Environment::Stopping() const {
  // Before it looks at its arguments this call asks whether JavaScript may still run here.
  napi_value result;
  return napi_new_instance(napi_, nullptr, 0, nullptr, &result) != napi_invalid_arg;
}

void Environment::Unwind(Coroutine* coroutine) {
  coroutine->unwind = true;
  if (coroutine == current_) UnwindCurrent();
}

void Environment::UnwindCurrent() {
  PrepareForForcedEnd();
  RaiseTermination();
}

void Environment::UnwindSoon() {
  current()->unwind = true;
  PrepareForForcedEnd();
  isolate_->TerminateExecution();
}

void Environment::PrepareForForcedEnd() {
  if (closing_) return;
  joins.Keep();
  v8::HandleScope handles(isolate_);
  (void)before_forced_end.Get(isolate_)->Call(context(), v8::Undefined(isolate_), 0, nullptr).IsEmpty();
}

Interrupter* Environment::interrupter() {
  if (interrupter_ != nullptr || closing_) return interrupter_;
  void* memory = std::calloc(1, sizeof(Interrupter));
  if (memory == nullptr) return nullptr;
  auto* interrupter = new (memory) Interrupter(this);
  if (interrupter->Start()) {
    interrupter_ = interrupter;
  } else {
    interrupter->~Interrupter();
    std::free(memory);
  }
  return interrupter_;
}

Environment::Trimmed Environment::Trim() {
  constexpr size_t kMostAtATime = 1024;  // a few milliseconds
  if (!trimming_) {
    trimming_ = true;
    trim_again_ = false;
    next_to_trim_ = 0;
    stacks_.BeginTrim();
  }
  size_t left = kMostAtATime;
  for (; next_to_trim_ < coroutines_.size() && left > 0; next_to_trim_++) {
    Coroutine* coroutine = coroutines_[next_to_trim_];
    if (coroutine->state != Coroutine::kSuspended || coroutine == &main_ || coroutine->trimmed) continue;
    if (coroutine->suspensions != coroutine->suspensions_at_trim) {
      coroutine->suspensions_at_trim = coroutine->suspensions;  // not parked for long enough yet
      trim_again_ = true;
      continue;
    }
    TrimSuspended(coroutine->stack, coroutine->stack_pointer, coroutine->handles_end);
    coroutine->trimmed = true;
    left--;
  }
  if (next_to_trim_ < coroutines_.size() || !stacks_.TrimFree(left)) return kMore;
  trimming_ = false;
  return trim_again_ || stacks_.HoldsPages() ? kLater : kAll;
}

void Environment::UnwindAll() {
  v8::HandleScope handles(isolate_);
  for (size_t i = 0; i < coroutines_.size(); i++) {
    Coroutine* coroutine = coroutines_[i];
    if (coroutine == &main_ || coroutine->state != Coroutine::kSuspended) continue;
    coroutine->unwind = true;
    v8::TryCatch caught(isolate_);
    Transfer(coroutine);
    if (caught.HasTerminated()) isolate_->CancelTerminateExecution();
  }
}

void Environment::OnCleanup(void* data) {
  Environment* self = static_cast<Environment*>(data);
  self->closing_ = true;
  if (self->interrupter_ != nullptr) self->interrupter_->Stop();
  self->interrupter_ = nullptr;
  self->continuation_guard_.Remove(self->isolate_);
  self->joins.Remove(self->isolate_);
  self->stepping.Reset();
  if (self->current_ != &self->main_) return;  // the process ends on a coroutine's stack: keep it mapped
  self->UnwindAll();
  self->exports.Reset();
  self->before_forced_end.Reset();
  self->after_forced_end.Reset();
  self->nothing_.Reset();
  self->context_.Reset();
  for (Coroutine* coroutine : self->coroutines_) coroutine->entry.Reset();
  self->~Environment();
  std::free(self);
}

}  // namespace greenlets
