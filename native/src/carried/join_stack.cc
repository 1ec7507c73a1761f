#include "carried/join_stack.h"

#include <algorithm>
#include <cstring>

#include "compat.h"

namespace greenlets {
namespace {

constexpr v8::GCType kAllTypes = static_cast<v8::GCType>(0xff);
constexpr uintptr_t kHeapObjectTag = 1;
constexpr size_t kElements = 2;  // after the map and the length, in contexts and arrays alike
constexpr size_t kMostElements = 4;
constexpr size_t kPage = 256 * 1024;

/** The word that a handle stands for: a tagged pointer. */
template <typename T>
uintptr_t WordOf(v8::Local<T> local) {
  static_assert(sizeof local == sizeof(uintptr_t*));
  uintptr_t* location;
  std::memcpy(&location, static_cast<void*>(&local), sizeof location);
  return *location;
}

/** A handle, valid until the next allocation, of what is at `place`. */
v8::Local<v8::Data> HandleAt(uintptr_t* place) {
  v8::Local<v8::Data> local;
  std::memcpy(static_cast<void*>(&local), &place, sizeof place);
  return local;
}

uintptr_t* ObjectAt(uintptr_t word) { return reinterpret_cast<uintptr_t*>(word - kHeapObjectTag); }

/** A length is a small integer, in the upper half of its word, or a plain one. */
size_t LengthOf(const uintptr_t* object) { return object[1] >> 32 != 0 ? object[1] >> 32 : object[1]; }

/** Whether `word` points to an array whose first elements include `element`. Objects end where their page ends, at the
 *  latest: what a pointer to a smaller one seems to have behind that is not looked at. */
bool Holds(uintptr_t word, uintptr_t element) {
  if ((word & 3) != kHeapObjectTag) return false;
  const uintptr_t* array = ObjectAt(word);
  const auto* page_end = reinterpret_cast<uintptr_t*>((word | (kPage - 1)) + 1);
  if (array + kElements > page_end) return false;
  const uintptr_t* end = std::min(array + kElements + std::min(LengthOf(array), kMostElements), page_end);
  return std::find(array + kElements, end, element) != end;
}

}  // namespace

void JoinStack::Find(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  isolate_ = isolate;
  context_.Reset(isolate, context);
  v8::Local<v8::Function> look;
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> join;
  if (!v8::Function::New(context, Look, compat::Wrap(isolate, this)).ToLocal(&look) ||
      !v8::Script::Compile(context, v8::String::NewFromUtf8Literal(
                                        isolate, "(look) => { const a = [{ toString: () => look(a) }]; a.join(); }"))
           .ToLocal(&script) ||
      !script->Run(context).ToLocal(&join)) {
    return;
  }
  v8::Local<v8::Value> arguments[] = {look};
  (void)join.As<v8::Function>()->Call(context, v8::Undefined(isolate), 1, arguments).IsEmpty();
  if (candidates_ != 1) index_ = 0;
}

void JoinStack::Look(const v8::FunctionCallbackInfo<v8::Value>& info) {
  auto* self = compat::Unwrap<JoinStack>(info.Data());
  const uintptr_t list = WordOf(info[0]);
  const uintptr_t* words = ObjectAt(WordOf(self->context_.Get(self->isolate_)));
  for (size_t i = kElements; i < kElements + LengthOf(words); i++) {
    if (!Holds(words[i], list)) continue;
    self->index_ = i;
    self->candidates_++;
  }
}

uintptr_t* JoinStack::Place(v8::Local<v8::Context> context) const { return ObjectAt(WordOf(context)) + index_; }

uintptr_t JoinStack::Undefined() const { return WordOf(v8::Undefined(isolate_)); }

void JoinStack::Keep() {
  if (index_ == 0) return;
  v8::HandleScope handles(isolate_);
  uintptr_t* place = Place(context_.Get(isolate_));
  if (*place != Undefined()) kept_.Reset(isolate_, HandleAt(place));
}

void JoinStack::PutBack() {
  if (kept_.IsEmpty()) return;
  v8::HandleScope handles(isolate_);
  uintptr_t* place = Place(context_.Get(isolate_));
  if (*place == Undefined()) {
    if (!hides_) {
      isolate_->AddGCPrologueCallback(Hide, this, kAllTypes);
      isolate_->AddGCEpilogueCallback(Show, this, kAllTypes);
      hides_ = true;
    }
    *place = WordOf(kept_.Get(isolate_));
  }
  kept_.Reset();
}

void JoinStack::Hide(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* data) {
  auto* self = static_cast<JoinStack*>(data);
  v8::HandleScope handles(isolate);
  uintptr_t* place = self->Place(self->context_.Get(isolate));
  if (!self->hidden_.IsEmpty() || *place == self->Undefined()) return;
  self->hidden_.Reset(isolate, HandleAt(place));
  *place = self->Undefined();
}

void JoinStack::Show(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* data) {
  auto* self = static_cast<JoinStack*>(data);
  if (self->hidden_.IsEmpty()) return;
  v8::HandleScope handles(isolate);
  *self->Place(self->context_.Get(isolate)) = WordOf(self->hidden_.Get(isolate));
  self->hidden_.Reset();
}

void JoinStack::Remove(v8::Isolate* isolate) {
  if (hides_) {
    isolate->RemoveGCPrologueCallback(Hide, this);
    isolate->RemoveGCEpilogueCallback(Show, this);
  }
  kept_.Reset();
  hidden_.Reset();
  context_.Reset();
  index_ = 0;
}

}  // namespace greenlets
