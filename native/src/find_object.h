#pragma once

#include <v8.h>

namespace greenlets {

/** The one object of the heap that has both properties of its own; empty if there is none, or several. Costs full
 *  garbage collections. */
v8::MaybeLocal<v8::Object> FindObject(v8::Isolate* isolate, v8::Local<v8::Context> context, v8::Local<v8::Name> first,
                                      v8::Local<v8::Name> second);

}  // namespace greenlets
