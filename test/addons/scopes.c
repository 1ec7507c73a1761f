// An addon that calls back with a handle scope open, as most do. With BY_NAME it looks Node-API up itself, as addons
// written in Rust do.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <node_api.h>

#ifdef BY_NAME
static napi_status (*open_scope)(napi_env, napi_handle_scope*);
static napi_status (*close_scope)(napi_env, napi_handle_scope);
#else
#define open_scope napi_open_handle_scope
#define close_scope napi_close_handle_scope
#endif

/** call(fn): the number that `fn` returns, by way of two scopes. */
static napi_value Call(napi_env env, napi_callback_info info) {
  napi_value fn, self, result, escaped;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &fn, NULL, NULL);
  napi_handle_scope outer;
  napi_escapable_handle_scope inner;
  if (open_scope(env, &outer) != napi_ok) return NULL;
  if (napi_open_escapable_handle_scope(env, &inner) != napi_ok) return NULL;
  napi_get_undefined(env, &self);
  const napi_status status = napi_call_function(env, self, fn, 0, NULL, &result);
  if (status == napi_ok && napi_escape_handle(env, inner, result, &escaped) != napi_ok) return NULL;
  if (napi_close_escapable_handle_scope(env, inner) != napi_ok) return NULL;
  double number = 0;
  if (status == napi_ok) napi_get_value_double(env, escaped, &number);
  if (close_scope(env, outer) != napi_ok || status != napi_ok) return NULL;
  napi_create_double(env, number, &result);
  return result;
}

NAPI_MODULE_INIT() {
#ifdef BY_NAME
  *(void**)&open_scope = dlsym(RTLD_DEFAULT, "napi_open_handle_scope");
  *(void**)&close_scope = dlsym(RTLD_DEFAULT, "napi_close_handle_scope");
#endif
  napi_value call;
  napi_create_function(env, "call", NAPI_AUTO_LENGTH, Call, NULL, &call);
  napi_set_named_property(env, exports, "call", call);
  return exports;
}
