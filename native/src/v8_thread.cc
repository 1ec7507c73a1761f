#include "v8_thread.h"

#include <pthread.h>

#include <cstdint>
#include <cstring>

#include "array.h"
#include "compat.h"
#include "v8_module.h"

namespace greenlets {
namespace {

/** The thread-local block of the module that V8 is linked into, as seen by the calling thread. */
struct TlsBlock {
  char* data;  // null while the thread has not touched it
  size_t size;
  const char* image;
  size_t image_size;
};

TlsBlock FindTlsBlock() {
  TlsBlock block{nullptr, 0, nullptr, 0};
  dl_phdr_info module;
  if (!FindV8Module(&module)) return block;
  block.data = static_cast<char*>(module.dlpi_tls_data);
  for (int i = 0; i < module.dlpi_phnum; i++) {
    const auto& header = module.dlpi_phdr[i];
    if (header.p_type != PT_TLS) continue;
    block.size = header.p_memsz;
    block.image = reinterpret_cast<const char*>(module.dlpi_addr + header.p_vaddr);
    block.image_size = header.p_filesz;
  }
  return block;
}

void* StackStartOfThisThread() {
  pthread_attr_t attributes;
  void* base = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<char*>(base) + size;
}

struct Candidate {
  size_t offset;
  int value;
};

struct Probe {
  v8::Isolate* isolate;
  Array<Candidate> ids;
  Array<size_t> stack_starts;
};

/** Records the 4-byte words that V8 changes from zero when it first gives this thread an id. */
void* ProbeId(void* argument) {
  Probe* probe = static_cast<Probe*>(argument);
  const TlsBlock before = FindTlsBlock();
  if (before.size == 0) return nullptr;
  char* copy = static_cast<char*>(std::calloc(1, before.size));
  if (copy == nullptr) return nullptr;
  if (before.data != nullptr) {
    std::memcpy(copy, before.data, before.size);
  } else {
    std::memcpy(copy, before.image, before.image_size);
  }
  (void)v8::Locker::IsLocked(probe->isolate);
  const TlsBlock after = FindTlsBlock();
  if (after.data != nullptr) {
    for (size_t offset = 0; offset + 4 <= after.size; offset += 4) {
      int old_value, new_value;
      std::memcpy(&old_value, copy + offset, 4);
      std::memcpy(&new_value, after.data + offset, 4);
      if (old_value == 0 && new_value != 0) probe->ids.Push({offset, new_value});
    }
  }
  std::free(copy);
  return nullptr;
}

/** Records the 8-byte words that hold this thread's stack start once it has entered the isolate. */
void* ProbeStackStart(void* argument) {
  Probe* probe = static_cast<Probe*>(argument);
  void* const expected = StackStartOfThisThread();
  v8::Locker locker(probe->isolate);
  probe->isolate->Enter();
  probe->isolate->Exit();
  const TlsBlock block = FindTlsBlock();
  if (block.data == nullptr) return nullptr;
  for (size_t offset = 0; offset + sizeof(void*) <= block.size; offset += sizeof(void*)) {
    void* value;
    std::memcpy(&value, block.data + offset, sizeof value);
    if (value == expected) probe->stack_starts.Push(offset);
  }
  return nullptr;
}

bool RunInThread(void* (*body)(void*), Probe* probe) {
  pthread_t thread;
  return pthread_create(&thread, nullptr, body, probe) == 0 && pthread_join(thread, nullptr) == 0;
}

pthread_mutex_t discovery_mutex = PTHREAD_MUTEX_INITIALIZER;
bool discovered = false;
size_t id_offset = 0;
bool has_stack_start = false;
size_t stack_start_offset = 0;

const char* DiscoverIdSlot(v8::Isolate* isolate) {
  Probe probes[2];
  for (Probe& probe : probes) {
    probe.isolate = isolate;
    if (!RunInThread(ProbeId, &probe)) return "no helper thread could be started";
  }
  int found = 0;
  for (const Candidate& first : probes[0].ids) {
    for (const Candidate& second : probes[1].ids) {
      if (first.offset == second.offset && second.value > first.value) {
        id_offset = first.offset;
        found++;
      }
    }
  }
  if (found == 0) return "V8's thread id was not found in its thread-local storage";
  if (found > 1) return "V8's thread id could not be told from other thread-local words";
  const TlsBlock block = FindTlsBlock();
  if (block.data == nullptr) return "this thread has no thread-local storage of V8";
  int* slot = reinterpret_cast<int*>(block.data + id_offset);
  const int saved = *slot;
  const bool locked = v8::Locker::IsLocked(isolate);
  *slot = 0x7ffffff0;
  const bool locked_as_other = v8::Locker::IsLocked(isolate);
  *slot = saved;
  if (!locked || locked_as_other) return "the word taken for V8's thread id does not behave as one";
  return nullptr;
}

const char* DiscoverStackStartSlot(v8::Isolate* isolate) {
  Probe probes[2];
  {
    v8::Unlocker unlocker(isolate);
    for (Probe& probe : probes) {
      probe.isolate = isolate;
      if (!RunInThread(ProbeStackStart, &probe)) return "no helper thread could be started";
    }
  }
  if (probes[0].stack_starts.size() != 1 || probes[1].stack_starts.size() != 1 ||
      probes[0].stack_starts[0] != probes[1].stack_starts[0]) {
    return "V8's record of the stack start was not found in its thread-local storage";
  }
  stack_start_offset = probes[0].stack_starts[0];
  has_stack_start = true;
  return nullptr;
}

}  // namespace

const char* V8Thread::Discover(v8::Isolate* isolate) {
  pthread_mutex_lock(&discovery_mutex);
  const char* failure = nullptr;
  if (!discovered) {
    failure = DiscoverIdSlot(isolate);
    if (failure == nullptr) failure = DiscoverStackStartSlot(isolate);
    discovered = failure == nullptr;
  }
  pthread_mutex_unlock(&discovery_mutex);
  return failure;
}

void V8Thread::Attach(v8::Isolate* isolate) {
  (void)v8::Locker::IsLocked(isolate);  // gives this thread its id, and its block of storage
  const TlsBlock block = FindTlsBlock();
  id_slot_ = reinterpret_cast<int*>(block.data + id_offset);
  if (has_stack_start) stack_start_slot_ = reinterpret_cast<void**>(block.data + stack_start_offset);
}

int V8Thread::NewId(v8::Isolate* isolate) {
  const int saved = *id_slot_;
  *id_slot_ = 0;
  (void)v8::Locker::IsLocked(isolate);
  const int id = *id_slot_;
  *id_slot_ = saved;
  return id;
}

}  // namespace greenlets
