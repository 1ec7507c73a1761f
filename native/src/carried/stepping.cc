#include "carried/stepping.h"

namespace greenlets {

bool Stepping::Prepare(v8::Isolate* isolate) {
  if (!context_.IsEmpty()) return true;
  v8::Local<v8::Context> context = v8::Context::New(isolate);
  if (context.IsEmpty()) return false;
  v8::Context::Scope scope(context);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> statement;
  if (!v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate, "(() => { debugger; })"))
           .ToLocal(&script) ||
      !script->Run(context).ToLocal(&statement)) {
    return false;
  }
  statement_.Reset(isolate, statement.As<v8::Function>());
  context_.Reset(isolate, context);
  return true;
}

void Stepping::Withdraw(v8::Isolate* isolate) {
  v8::HandleScope handles(isolate);
  v8::TryCatch caught(isolate);
  if (!Prepare(isolate)) return;
  (void)statement_.Get(isolate)->Call(context_.Get(isolate), v8::Undefined(isolate), 0, nullptr).IsEmpty();
}

}  // namespace greenlets
