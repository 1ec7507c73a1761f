#include "find_object.h"

#include <v8-profiler.h>

#include <vector>

namespace greenlets {
namespace {

class HasBoth : public v8::QueryObjectPredicate {
 public:
  HasBoth(v8::Local<v8::Context> context, v8::Local<v8::Name> first, v8::Local<v8::Name> second)
      : context_(context), first_(first), second_(second) {}

  bool Filter(v8::Local<v8::Object> object) override {
    // Looking for a property must run no code: no proxies, and nothing that computes its properties.
    if (object->IsProxy() || object->IsArray() || object->IsFunction() || object->IsTypedArray() ||
        object->IsModuleNamespaceObject()) {
      return false;
    }
    return object->HasRealNamedProperty(context_, first_).FromMaybe(false) &&
           object->HasRealNamedProperty(context_, second_).FromMaybe(false);
  }

 private:
  v8::Local<v8::Context> context_;
  v8::Local<v8::Name> first_;
  v8::Local<v8::Name> second_;
};

}  // namespace

v8::MaybeLocal<v8::Object> FindObject(v8::Isolate* isolate, v8::Local<v8::Context> context, v8::Local<v8::Name> first,
                                      v8::Local<v8::Name> second) {
  HasBoth predicate(context, first, second);
  std::vector<v8::Global<v8::Object>> found;
  isolate->GetHeapProfiler()->QueryObjects(context, &predicate, &found);
  if (found.size() != 1) return {};
  return found[0].Get(isolate);
}

}  // namespace greenlets
