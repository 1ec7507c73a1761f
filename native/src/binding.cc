// The engine's face to JavaScript. Arguments have been validated there; here they are only converted.

#include <cstring>
#include <new>
#include <pthread.h>
#include <time.h>
#include <uv.h>

#include "addon_scopes.h"
#include "environment.h"
#include "find_object.h"
#include "v8_flag.h"

namespace greenlets {
namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

Environment* EnvironmentOf(const Info& info) { return compat::Unwrap<Environment>(info.Data()); }

uint32_t Uint32At(const Info& info, int index) { return info[index].As<v8::Uint32>()->Value(); }

/** create(entry, stackSize): id, or 0 when there is no memory for a stack. */
void Create(const Info& info) {
  Environment* environment = EnvironmentOf(info);
  Coroutine* coroutine = environment->Create(info[0].As<v8::Function>(), Uint32At(info, 1));
  info.GetReturnValue().Set(coroutine == nullptr ? 0u : coroutine->id);
}

/** transfer(id): true; false if the running stack must not be left now. */
void Transfer(const Info& info) {
  Environment* environment = EnvironmentOf(info);
  Coroutine* target = environment->Find(Uint32At(info, 0));
  if (target == nullptr || target == environment->current()) return info.GetReturnValue().Set(true);
  info.GetReturnValue().Set(environment->Transfer(target));
}

/** traceOf(id): an Error with the stack of a suspended coroutine, or undefined if it is not suspended. */
void TraceOf(const Info& info) {
  Environment* environment = EnvironmentOf(info);
  Coroutine* target = environment->Find(Uint32At(info, 0));
  if (target == nullptr || target->state != Coroutine::kSuspended) return;
  info.GetReturnValue().Set(environment->TraceOf(target));
}

/** unwind(id): the coroutine is ended by a termination: at once if it runs, else when it is resumed next. */
void Unwind(const Info& info) {
  Environment* environment = EnvironmentOf(info);
  Coroutine* coroutine = environment->Find(Uint32At(info, 0));
  if (coroutine != nullptr) environment->Unwind(coroutine);
}

/** canLeave(): whether the running stack may be suspended now. */
void CanLeave(const Info& info) { info.GetReturnValue().Set(EnvironmentOf(info)->CanLeave()); }

void Stop(const Info& info) {
  EnvironmentOf(info)->joins.Keep();
  EnvironmentOf(info)->RaiseTermination();
}

/** abandon(fn): calls fn(stop), where `stop()` ends that call at once, without its `catch` and `finally`. Joins that
 *  this ends count as in progress for ever. */
void Abandon(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Function> stop;
  if (!v8::Function::New(context, Stop, info.Data()).ToLocal(&stop)) return;
  v8::Local<v8::Value> arguments[] = {stop};
  v8::TryCatch caught(isolate);
  (void)info[0].As<v8::Function>()->Call(context, v8::Undefined(isolate), 1, arguments).IsEmpty();
  if (caught.HasTerminated()) isolate->CancelTerminateExecution();
  EnvironmentOf(info)->joins.PutBack();
}

/** callOrReport(fn, spares): an error of fn that `spares` does not claim is handed to Node as an uncaught exception. */
void CallOrReport(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::TryCatch caught(isolate);
  if (!info[0].As<v8::Function>()->Call(context, v8::Undefined(isolate), 0, nullptr).IsEmpty()) return;
  v8::Local<v8::Value> spared;
  if (!caught.HasTerminated()) {
    v8::Local<v8::Value> error = caught.Exception();
    if (info[1].As<v8::Function>()->Call(context, v8::Undefined(isolate), 1, &error).ToLocal(&spared) &&
        spared->IsFalse()) {
      return node::FatalException(isolate, caught);
    }
  }
  caught.ReThrow();
}

/** findObject(name, name): the one object of the heap with both properties, or undefined. */
void FindObjectWith(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Object> found;
  if (FindObject(isolate, isolate->GetCurrentContext(), info[0].As<v8::Name>(), info[1].As<v8::Name>())
          .ToLocal(&found)) {
    info.GetReturnValue().Set(found);
  }
}

void GetContext(const Info& info) {
  v8::Local<v8::Data> data = compat::GetContinuationData(info.GetIsolate());
  if (data->IsValue()) info.GetReturnValue().Set(data.As<v8::Value>());
}

void SetContext(const Info& info) { compat::SetContinuationData(info.GetIsolate(), info[0]); }

/** trim(): what is left to do, as a Trimmed. */
void Trim(const Info& info) { info.GetReturnValue().Set(static_cast<int>(EnvironmentOf(info)->Trim())); }

void OnForcedEnd(const Info& info) {
  Environment* environment = EnvironmentOf(info);
  environment->before_forced_end.Reset(info.GetIsolate(), info[0].As<v8::Function>());
  environment->after_forced_end.Reset(info.GetIsolate(), info[1].As<v8::Function>());
}

void SetDebugging(const Info& info) { EnvironmentOf(info)->stepping.Watch(info[0]->IsTrue(), info[1]->IsTrue()); }

/** stacks(): [bytes mapped, stacks in use] */
void Stacks(const Info& info) {
  const StackPool& pool = EnvironmentOf(info)->stacks();
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Value> values[] = {v8::Number::New(isolate, static_cast<double>(pool.mapped())),
                                   v8::Number::New(isolate, static_cast<double>(pool.in_use()))};
  info.GetReturnValue().Set(v8::Array::New(isolate, values, 2));
}

/** cpuTime(): milliseconds of CPU that this thread has used */
void CpuTime(const Info& info) {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  info.GetReturnValue().Set(static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6);
}

/** eventLoop(): [requests under way, events handled so far] */
void EventLoop(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  uv_loop_t* loop = node::GetCurrentEventLoop(isolate);
  uv_metrics_t metrics;
  uv_metrics_info(loop, &metrics);
  v8::Local<v8::Value> values[] = {v8::Number::New(isolate, loop->active_reqs.count),
                                   v8::Number::New(isolate, static_cast<double>(metrics.events))};
  info.GetReturnValue().Set(v8::Array::New(isolate, values, 2));
}

/** patchAddons(): addons loaded so far can be left while they have handle scopes open */
void PatchAddons(const Info&) { PatchAddonScopes(); }

/** giveUpLoopAssumptions(): code compiled from now on, in the whole process, reads the heap anew after an interrupt */
void GiveUpLoopAssumptions(const Info& info) {
  for (const char* flag : compat::kLoopAssumptions) ClearV8Flag(flag);
}

/** interrupts(onSliceOver, onStall, ownScripts): true if interrupts are possible */
void Interrupts(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  Interrupter* interrupter = EnvironmentOf(info)->interrupter();
  const bool ready = interrupter != nullptr && interrupter->SetOwnScripts(info[2].As<v8::Array>());
  info.GetReturnValue().Set(ready);
  if (!ready) return;
  interrupter->on_slice_over.Reset(isolate, info[0].As<v8::Function>());
  interrupter->on_stall.Reset(isolate, info[1].As<v8::Function>());
}

/** preempt(periodMs): how often to look for slices that are over; 0 = never */
void Preempt(const Info& info) { EnvironmentOf(info)->interrupter()->Preempt(Uint32At(info, 0)); }

/** setSlice(ms): of the running coroutine; 0 = it is not preempted */
void SetSlice(const Info& info) { EnvironmentOf(info)->interrupter()->SetSlice(Uint32At(info, 0)); }

/** sampleProfile(intervalUs): of coroutines, for CPU profiles; 0 = never */
void SampleProfile(const Info& info) { EnvironmentOf(info)->interrupter()->Sample(Uint32At(info, 0)); }

/** watch(maxMs, intervalMs): for stalls; 0 = not any more */
void Watch(const Info& info) {
  info.GetReturnValue().Set(EnvironmentOf(info)->interrupter()->Watch(Uint32At(info, 0), Uint32At(info, 1)));
}

/** greenletIds(array): who runs on each coroutine, for the watchdog; to be written by the caller */
void GreenletIds(const Info& info) {
  EnvironmentOf(info)->interrupter()->SetGreenletIds(info[0].As<v8::Uint32Array>());
}

/** label(id, name, function?): what runs on a coroutine, for the watchdog */
void SetLabel(const Info& info) {
  Environment* environment = EnvironmentOf(info);
  Coroutine* coroutine = environment->Find(Uint32At(info, 0));
  if (coroutine != nullptr) environment->interrupter()->SetLabel(coroutine, info[1].As<v8::String>(), info[2]);
}

// Environments by isolate, so that loading the addon twice in one thread gives one engine.
struct Loaded {
  v8::Isolate* isolate;
  Environment* environment;
};
pthread_mutex_t loaded_mutex = PTHREAD_MUTEX_INITIALIZER;
Array<Loaded>& LoadedList() {
  static Array<Loaded>* list = new (std::calloc(1, sizeof(Array<Loaded>))) Array<Loaded>();
  return *list;
}

Environment* FindLoaded(v8::Isolate* isolate) {
  Environment* found = nullptr;
  pthread_mutex_lock(&loaded_mutex);
  for (const Loaded& entry : LoadedList()) {
    if (entry.isolate == isolate) found = entry.environment;
  }
  pthread_mutex_unlock(&loaded_mutex);
  return found;
}

void Remember(v8::Isolate* isolate, Environment* environment) {
  pthread_mutex_lock(&loaded_mutex);
  LoadedList().Push({isolate, environment});
  pthread_mutex_unlock(&loaded_mutex);
}

void Forget(void* isolate) {
  pthread_mutex_lock(&loaded_mutex);
  Array<Loaded>& list = LoadedList();
  for (size_t i = 0; i < list.size(); i++) {
    if (list[i].isolate != isolate) continue;
    list[i] = list[list.size() - 1];
    list.Pop();
    break;
  }
  pthread_mutex_unlock(&loaded_mutex);
}

/** The clock that the loop keeps for itself, as its lower half: reading it costs JavaScript no call. Made by Node-API,
 *  because V8's own way takes a shared_ptr, which asks for a newer C library. */
v8::Local<v8::Value> LoopTime(v8::Isolate* isolate, napi_env napi) {
  uint64_t* time = &node::GetCurrentEventLoop(isolate)->time;
  napi_value memory;
  napi_value array;
  v8::Local<v8::Value> result;
  if (napi_create_external_arraybuffer(napi, time, sizeof *time, nullptr, nullptr, &memory) == napi_ok &&
      napi_create_typedarray(napi, napi_int32_array, 1, memory, 0, &array) == napi_ok) {
    static_assert(sizeof array == sizeof result);
    std::memcpy(static_cast<void*>(&result), &array, sizeof array);
  }
  return result;
}

void Throw(v8::Isolate* isolate, const char* message) {
  isolate->ThrowException(v8::Exception::Error(v8::String::NewFromUtf8(isolate, message).ToLocalChecked()));
}

v8::Local<v8::Object> MakeExports(v8::Isolate* isolate, v8::Local<v8::Context> context, Environment* environment,
                                  v8::Local<v8::Value> loop_time) {
  v8::Local<v8::Object> exports = v8::Object::New(isolate);
  const v8::Local<v8::External> data = compat::Wrap(isolate, environment);
  const auto name = [&](const char* text) {
    return v8::String::NewFromUtf8(isolate, text, v8::NewStringType::kInternalized).ToLocalChecked();
  };
  const auto method = [&](const char* text, v8::FunctionCallback callback) {
    v8::Local<v8::Function> function = v8::Function::New(context, callback, data).ToLocalChecked();
    (void)exports->Set(context, name(text), function).IsNothing();
  };
  const auto fact = [&](const char* text, bool value) {
    (void)exports->Set(context, name(text), v8::Boolean::New(isolate, value)).IsNothing();
  };
  method("create", Create);
  method("transfer", Transfer);
  method("traceOf", TraceOf);
  method("unwind", Unwind);
  method("canLeave", CanLeave);
  method("abandon", Abandon);
  method("callOrReport", CallOrReport);
  method("findObject", FindObjectWith);
  method("getContext", GetContext);
  method("setContext", SetContext);
  method("trim", Trim);
  method("onForcedEnd", OnForcedEnd);
  method("setDebugging", SetDebugging);
  method("stacks", Stacks);
  method("cpuTime", CpuTime);
  method("eventLoop", EventLoop);
  method("patchAddons", PatchAddons);
  method("giveUpLoopAssumptions", GiveUpLoopAssumptions);
  method("interrupts", Interrupts);
  method("preempt", Preempt);
  method("setSlice", SetSlice);
  method("sampleProfile", SampleProfile);
  method("watch", Watch);
  method("greenletIds", GreenletIds);
  method("label", SetLabel);
  fact("carriesCallbackDepth", environment->carries_callback_depth());
  fact("carriesMicrotaskDepth", environment->carries_microtask_depth());
  fact("carriesStringifiers", environment->carries_stringifiers);
  fact("hidesExitFrames", environment->hides_exit_frames());
  fact("hasContinuationData", compat::kHasIsolateContinuationData);
  fact("collectsInFastCalls", compat::kFastCallsCollect);
  (void)exports->Set(context, name("loopTime"), loop_time).IsNothing();
  (void)exports->Set(context, name("shared"), v8::Object::New(isolate)).IsNothing();
  (void)exports->Set(context, name("failure"), v8::Null(isolate)).IsNothing();
  return exports;
}

v8::Local<v8::Value> Load(v8::Isolate* isolate, napi_env napi) {
  Environment* environment = FindLoaded(isolate);
  if (environment != nullptr) return environment->exports.Get(isolate);
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  void* memory = std::calloc(1, sizeof(Environment));
  if (memory == nullptr) {
    Throw(isolate, "out of memory");
    return v8::Undefined(isolate);
  }
  environment = new (memory) Environment();
  const v8::Local<v8::Value> loop_time = LoopTime(isolate, napi);
  const char* failure =
      loop_time.IsEmpty() ? "Node gives no view of its event loop's clock" : environment->Start(isolate, context, napi);
  if (failure != nullptr) {
    environment->~Environment();
    std::free(memory);
    Throw(isolate, failure);
    return v8::Undefined(isolate);
  }
  Remember(isolate, environment);
  node::AddEnvironmentCleanupHook(isolate, Forget, isolate);
  v8::Local<v8::Object> exports = MakeExports(isolate, context, environment, loop_time);
  environment->exports.Reset(isolate, exports);
  return exports;
}

}  // namespace
}  // namespace greenlets

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value) {
  // Only Node-API has been called so far: a binary for another Node must say so before it touches V8.
  const napi_node_version* version = nullptr;
  if (napi_get_node_version(env, &version) != napi_ok || version->major != NODE_MAJOR_VERSION) {
    napi_throw_error(env, "ERR_GREENLETS_ABI", "this binary of greenlets was built for another major version of Node");
    return nullptr;
  }
  v8::Local<v8::Value> exports = greenlets::Load(v8::Isolate::GetCurrent(), env);
  napi_value result;
  static_assert(sizeof result == sizeof exports);
  std::memcpy(&result, static_cast<void*>(&exports), sizeof result);
  return result;
}
