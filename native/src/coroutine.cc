#include "coroutine.h"

#include "environment.h"

namespace greenlets {

void Coroutine::Main(void* self) {
  Coroutine* coroutine = static_cast<Coroutine*>(self);
  Environment* environment = coroutine->environment;
  Coroutine* next;
  {
    // Archives nothing: the departing side did. The destructor frees V8's state of this coroutine.
    v8::Locker locker(environment->isolate());
    next = coroutine->RunEntry();
  }
  environment->Leave(coroutine, next);
}

Coroutine* Coroutine::RunEntry() {
  v8::Isolate* isolate = environment->isolate();
  isolate->Enter();
  isolate->Exit();  // copies this stack's start into the heap; SetStackLimit relies on it
  isolate->SetStackLimit(reinterpret_cast<uintptr_t>(stack.limit()));
  v8::HandleScope handles(isolate);
  (void)environment->context();
  HandlesOnStack handles_on_stack(&environment->handle_blocks_, stack);
  v8::Local<v8::Context> context = environment->context();
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> next;
  bool returned = false;
  if (!unwind) {
    v8::Local<v8::Function> function = entry.Get(isolate);
    entry.Reset();
    returned = function->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&next);
  }
  if (!returned) {
    // One that was asked for through the inspector is over when the outermost call of the thread is.
    const bool foreign = !unwind && caught.HasTerminated();
    isolate->CancelTerminateExecution();
    caught.Reset();
    environment->joins.PutBack();
    if (foreign) environment->foreign_termination_ = true;
    if (environment->closing_ || environment->Stopping()) return environment->main();
    // The runtime library decides what becomes of the greenlet that ran here, and who goes on: after a termination
    // that is due elsewhere too, the main stack, where it is raised again.
    v8::Local<v8::Function> on_end = environment->after_forced_end.Get(isolate);
    v8::Local<v8::Value> arguments[] = {v8::Boolean::New(isolate, foreign)};
    returned = on_end->Call(context, v8::Undefined(isolate), 1, arguments).ToLocal(&next);
    if (caught.HasTerminated()) {
      environment->foreign_termination_ = true;
      isolate->CancelTerminateExecution();
    }
    if (foreign) returned = false;
  }
  caught.Reset();
  if (!returned || !next->IsUint32()) return environment->main();
  Coroutine* target = environment->Find(next.As<v8::Uint32>()->Value());
  return target == nullptr || target == this ? environment->main() : target;
}

}  // namespace greenlets
