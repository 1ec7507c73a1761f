// Array.prototype.join keeps a stack of the joins in progress in each realm, and traps when one ends that is not in it.
//
// V8 clears the stack of a realm whenever a termination passes through it: all JavaScript of the thread ends then, it
// takes for granted. Here a termination ends one coroutine, and the joins of the others go on. So the stack is kept
// before a termination is raised, and put back once that has ended what it was raised for.
//
// It is put back by a plain write, of which the collector is not told. So from then on no collection gets to see the
// place: meanwhile the stack is in a Global, and the place holds undefined, as V8 leaves it itself.
#pragma once

#include <v8.h>

#include <cstdint>

namespace greenlets {

class JoinStack {
 public:
  /** Finds where the realm of `context` keeps its stack, by looking there during a join; else nothing is ever kept. */
  void Find(v8::Isolate* isolate, v8::Local<v8::Context> context);
  void Remove(v8::Isolate* isolate);

  /** Before a termination is raised. */
  void Keep();
  /** When the termination is over. */
  void PutBack();

 private:
  static void Look(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void Hide(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* self);
  static void Show(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* self);

  uintptr_t* Place(v8::Local<v8::Context> context) const;
  uintptr_t Undefined() const;

  v8::Isolate* isolate_ = nullptr;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Data> kept_;
  v8::Global<v8::Data> hidden_;
  size_t index_ = 0;  // of the word in the context; 0 if it was not found
  int candidates_ = 0;
  bool hides_ = false;
};

}  // namespace greenlets
