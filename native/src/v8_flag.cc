#include "v8_flag.h"

#include <pthread.h>
#include <v8.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>

#include "array.h"
#include "v8_module.h"

namespace greenlets {
namespace {

/** The bytes that are 1 in the writable segments of the module that holds V8; false if memory is short. A copy of the
 *  segments would do as well, but costs milliseconds: it is memory that nobody has touched yet. */
bool CollectOnes(Array<unsigned char*>* ones) {
  dl_phdr_info module;
  if (!FindV8Module(&module)) return false;
  for (int i = 0; i < module.dlpi_phnum; i++) {
    const auto& header = module.dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    auto* const start = reinterpret_cast<unsigned char*>(module.dlpi_addr + header.p_vaddr);
    for (unsigned char* byte = start; byte < start + header.p_memsz; byte++) {
      if (*byte == 1 && !ones->Push(byte)) return false;
    }
  }
  return true;
}

/** Turns a flag on or off by V8's own means. */
void SetFlag(const char* name, bool on) {
  char text[64];
  std::snprintf(text, sizeof text, "--%s%s", on ? "" : "no-", name);
  v8::V8::SetFlagsFromString(text);
}

/** Where a flag may be stored. */
struct Candidates {
  bool was_set = true;
  unsigned char* byte = nullptr;  // the one byte that went 1, 0, 1; null if there was none or several
};

/** Turns a flag that is set off and on again, and looks for the byte that follows it. */
Candidates FindFlagByte(const char* name) {
  Array<unsigned char*> ones;
  const bool complete = CollectOnes(&ones);
  SetFlag(name, false);
  Array<unsigned char*> cleared;
  for (unsigned char* byte : ones) {
    if (*byte == 0) cleared.Push(byte);
  }
  Candidates found;
  found.was_set = !complete || !cleared.empty();
  if (!found.was_set) return found;
  SetFlag(name, true);
  for (unsigned char* candidate : cleared) {
    if (*candidate != 1) continue;
    if (found.byte != nullptr) return {};
    found.byte = candidate;
  }
  return found;
}

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/** A flag cleared before; `byte` is its place where V8's hash takes it to be set, else null. */
struct Cleared {
  const char* name;
  unsigned char* byte;
};
Array<Cleared>& ClearedFlags() {
  static Array<Cleared>* list = new (std::calloc(1, sizeof(Array<Cleared>))) Array<Cleared>();
  return *list;
}

/** The tag with every flag as the hash is to have it. Setting a flag makes V8 forget the hash; asking for the tag
 *  computes it, and V8 keeps it. */
uint32_t TagAsIfSet() {
  for (const Cleared& flag : ClearedFlags()) {
    if (flag.byte != nullptr) *flag.byte = 1;
  }
  const uint32_t tag = v8::ScriptCompiler::CachedDataVersionTag();
  for (const Cleared& flag : ClearedFlags()) {
    if (flag.byte != nullptr) *flag.byte = 0;
  }
  return tag;
}

bool Clear(const char* name) {
  for (const Cleared& flag : ClearedFlags()) {
    if (std::strcmp(flag.name, name) == 0) return flag.byte != nullptr;
  }
  const uint32_t before = v8::ScriptCompiler::CachedDataVersionTag();
  const Candidates found = FindFlagByte(name);
  const bool same_tag = TagAsIfSet() == before;
  if (!found.was_set) return true;
  unsigned char* byte = same_tag ? found.byte : nullptr;
  if (!ClearedFlags().Push({name, byte})) byte = nullptr;
  if (byte != nullptr) {
    *byte = 0;
  } else {
    SetFlag(name, false);
  }
  return byte != nullptr;
}

}  // namespace

bool ClearV8Flag(const char* name) {
  pthread_mutex_lock(&mutex);
  const bool quietly = Clear(name);
  pthread_mutex_unlock(&mutex);
  return quietly;
}

}  // namespace greenlets
