#include "wasm_gc.h"

#include <link.h>
#include <pthread.h>
#include <v8.h>

#include <cstdint>
#include <cstring>

#include "array.h"

namespace greenlets {
namespace {

/** A writable segment of the module that holds V8, with a copy of its bytes. */
struct Segment {
  unsigned char* live;
  size_t bytes;
  unsigned char* copy;
};

struct Segments {
  Array<Segment> list;
};

int CollectWritable(dl_phdr_info* info, size_t, void* out) {
  const uintptr_t inside = reinterpret_cast<uintptr_t>(&v8::Locker::IsLocked);
  bool holds_code = false;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& header = info->dlpi_phdr[i];
    const uintptr_t start = info->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD && inside >= start && inside < start + header.p_memsz) holds_code = true;
  }
  if (!holds_code) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    auto* start = reinterpret_cast<unsigned char*>(info->dlpi_addr + header.p_vaddr);
    static_cast<Segments*>(out)->list.Push({start, header.p_memsz, nullptr});
  }
  return 1;
}

constexpr const char kOff[] = "--no-wasm-code-gc";
constexpr const char kOn[] = "--wasm-code-gc";

void SetFlag(const char* flag) { v8::V8::SetFlagsFromString(flag); }

/** The one byte that goes 1, 0, 1 as the flag is turned off and on again; null if there is none or several.
 *  Leaves the flag on. */
unsigned char* FindFlagByte(Segments* segments) {
  for (Segment& segment : segments->list) {
    segment.copy = static_cast<unsigned char*>(std::malloc(segment.bytes));
    if (segment.copy != nullptr) std::memcpy(segment.copy, segment.live, segment.bytes);
  }
  SetFlag(kOff);
  Array<unsigned char*> candidates;
  for (Segment& segment : segments->list) {
    if (segment.copy == nullptr) continue;
    for (size_t i = 0; i < segment.bytes; i++) {
      if (segment.copy[i] == 1 && segment.live[i] == 0) candidates.Push(segment.live + i);
    }
    std::free(segment.copy);
  }
  SetFlag(kOn);
  unsigned char* found = nullptr;
  for (unsigned char* candidate : candidates) {
    if (*candidate != 1) continue;
    if (found != nullptr) return nullptr;
    found = candidate;
  }
  return found;
}

pthread_mutex_t once_mutex = PTHREAD_MUTEX_INITIALIZER;
bool done = false;
bool caches_kept = false;

}  // namespace

bool DisableWasmCodeGc() {
  pthread_mutex_lock(&once_mutex);
  if (!done) {
    done = true;
    const uint32_t before = v8::ScriptCompiler::CachedDataVersionTag();
    Segments segments;
    dl_iterate_phdr(CollectWritable, &segments);
    unsigned char* byte = FindFlagByte(&segments);
    // Asking for the tag computes the hash with the flag on, and V8 keeps it.
    const bool same_hash = v8::ScriptCompiler::CachedDataVersionTag() == before;
    if (byte != nullptr && same_hash) {
      *byte = 0;
      caches_kept = true;
    } else {
      SetFlag(kOff);
    }
  }
  pthread_mutex_unlock(&once_mutex);
  return caches_kept;
}

}  // namespace greenlets
