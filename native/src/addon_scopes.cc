#include "addon_scopes.h"

#include <elf.h>
#include <link.h>
#include <node_api.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include <v8.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace greenlets {
namespace {

// --- The functions that addons are given -----------------------------------------------------------------------------

/** A scope of V8 on the heap, as Node-API has it: addons open and close them in order. */
template <typename Scope>
struct Held {
  explicit Held(v8::Isolate* isolate) : scope(isolate) {}
  Scope scope;
  bool escaped = false;
};
using Plain = Held<v8::HandleScope>;
using Escapable = Held<v8::EscapableHandleScope>;

// The address of ours is odd. An even one was opened by node before its addon was patched, and goes back to node.
constexpr uintptr_t kOurs = 1;

bool IsOurs(const void* scope) { return (reinterpret_cast<uintptr_t>(scope) & kOurs) != 0; }

template <typename Kind>
Kind* Find(void* scope) {
  return reinterpret_cast<Kind*>(reinterpret_cast<uintptr_t>(scope) & ~kOurs);
}

/** What a function of Node-API that succeeds does last. */
napi_status Succeed(napi_env env) {
  uint32_t version;
  return napi_get_version(env, &version);
}

template <typename Kind, typename Handle>
bool Open(Handle* result) {
  void* memory = std::malloc(sizeof(Kind));
  if (memory == nullptr) return false;
  Kind* scope = new (memory) Kind(v8::Isolate::GetCurrent());
  *result = reinterpret_cast<Handle>(reinterpret_cast<uintptr_t>(scope) | kOurs);
  return true;
}

template <typename Kind>
void Close(void* scope) {
  Find<Kind>(scope)->~Kind();
  std::free(Find<Kind>(scope));
}

napi_status OpenScope(napi_env env, napi_handle_scope* result) {
  if (env == nullptr || result == nullptr || !Open<Plain>(result)) return napi_open_handle_scope(env, result);
  return Succeed(env);
}

napi_status CloseScope(napi_env env, napi_handle_scope scope) {
  if (env == nullptr || !IsOurs(scope)) return napi_close_handle_scope(env, scope);
  Close<Plain>(scope);
  return Succeed(env);
}

napi_status OpenEscapable(napi_env env, napi_escapable_handle_scope* result) {
  if (env == nullptr || result == nullptr || !Open<Escapable>(result)) {
    return napi_open_escapable_handle_scope(env, result);
  }
  return Succeed(env);
}

napi_status CloseEscapable(napi_env env, napi_escapable_handle_scope scope) {
  if (env == nullptr || !IsOurs(scope)) return napi_close_escapable_handle_scope(env, scope);
  Close<Escapable>(scope);
  return Succeed(env);
}

napi_status Escape(napi_env env, napi_escapable_handle_scope scope, napi_value escapee, napi_value* result) {
  if (!IsOurs(scope)) return napi_escape_handle(env, scope, escapee, result);
  // Node's own function says what is wrong with the arguments.
  if (env == nullptr || escapee == nullptr || result == nullptr)
    return napi_escape_handle(env, nullptr, escapee, result);
  Escapable* held = Find<Escapable>(scope);
  if (held->escaped) return napi_escape_called_twice;
  held->escaped = true;
  v8::Local<v8::Value> value;
  static_assert(sizeof value == sizeof escapee);
  std::memcpy(static_cast<void*>(&value), &escapee, sizeof value);
  value = held->scope.Escape(value);
  std::memcpy(result, static_cast<void*>(&value), sizeof value);
  return Succeed(env);
}

// --- The slots in which addons keep the functions that they call -----------------------------------------------------

struct Replacement {
  const char* name;
  uintptr_t node;
  uintptr_t ours;
};

template <typename Function>
Replacement Replace(const char* name, Function* node, Function* ours) {
  return {name, reinterpret_cast<uintptr_t>(node), reinterpret_cast<uintptr_t>(ours)};
}

const Replacement* Replacements() {
  static const Replacement list[] = {
      Replace("napi_open_handle_scope", napi_open_handle_scope, OpenScope),
      Replace("napi_close_handle_scope", napi_close_handle_scope, CloseScope),
      Replace("napi_open_escapable_handle_scope", napi_open_escapable_handle_scope, OpenEscapable),
      Replace("napi_close_escapable_handle_scope", napi_close_escapable_handle_scope, CloseEscapable),
      Replace("napi_escape_handle", napi_escape_handle, Escape),
      {nullptr, 0, 0},
  };
  return list;
}

/** A loaded object: an addon, or a library. */
class Module {
 public:
  explicit Module(const dl_phdr_info& info) : info_(info) {}

  bool Contains(uintptr_t address) const {
    bool contains = false;
    ForEach(PT_LOAD, [&](const ElfW(Phdr) & header) {
      if (address - Address(header) < header.p_memsz) contains = true;
    });
    return contains;
  }

  /** Slots that are filled, whether by the linker or by the addon itself with what dlsym() gave. */
  void PatchFilled() {
    ForEach(PT_LOAD, [&](const ElfW(Phdr) & header) {
      if ((header.p_flags & PF_W) == 0) return;
      auto* slot = reinterpret_cast<uintptr_t*>((Address(header) + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1));
      auto* end = reinterpret_cast<uintptr_t*>((Address(header) + header.p_memsz) & ~(sizeof(uintptr_t) - 1));
      for (; slot < end; slot++) {
        for (const Replacement* each = Replacements(); each->name != nullptr; each++) {
          if (*slot == each->node) Write(slot, each->ours);
        }
      }
    });
  }

  /** Slots that the linker fills at the first call; until then they lead into the addon itself. */
  void PatchLazy() {
    ForEach(PT_DYNAMIC, [&](const ElfW(Phdr) & header) {
      const ElfW(Rela)* slots = nullptr;
      const ElfW(Sym)* symbols = nullptr;
      const char* names = nullptr;
      size_t bytes = 0;
      for (auto* entry = reinterpret_cast<const ElfW(Dyn)*>(Address(header)); entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_JMPREL) slots = reinterpret_cast<const ElfW(Rela)*>(entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(entry->d_un.d_ptr);
        if (entry->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(entry->d_un.d_ptr);
        if (entry->d_tag == DT_PLTRELSZ) bytes = entry->d_un.d_val;
      }
      if (slots == nullptr || symbols == nullptr || names == nullptr) return;
      for (size_t i = 0; i < bytes / sizeof *slots; i++) {
        auto* slot = reinterpret_cast<uintptr_t*>(info_.dlpi_addr + slots[i].r_offset);
        const char* name = names + symbols[ELF64_R_SYM(slots[i].r_info)].st_name;
        for (const Replacement* each = Replacements(); each->name != nullptr; each++) {
          if (std::strcmp(name, each->name) == 0 && Contains(*slot)) Write(slot, each->ours);
        }
      }
    });
  }

 private:
  template <typename Callback>
  void ForEach(ElfW(Word) type, Callback callback) const {
    for (int i = 0; i < info_.dlpi_phnum; i++) {
      if (info_.dlpi_phdr[i].p_type == type) callback(info_.dlpi_phdr[i]);
    }
  }

  uintptr_t Address(const ElfW(Phdr) & header) const { return info_.dlpi_addr + header.p_vaddr; }

  /** The linker makes a part of the writable memory read-only once it has filled it. */
  bool IsProtected(uintptr_t address) const {
    bool is_protected = false;
    ForEach(PT_GNU_RELRO, [&](const ElfW(Phdr) & header) {
      if (address - Address(header) < header.p_memsz) is_protected = true;
    });
    return is_protected;
  }

  void Write(uintptr_t* slot, uintptr_t value) const {
    const uintptr_t size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    void* page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(slot) & ~(size - 1));
    const bool is_protected = IsProtected(reinterpret_cast<uintptr_t>(slot));
    if (is_protected && mprotect(page, size, PROT_READ | PROT_WRITE) != 0) return;
    __atomic_store_n(slot, value, __ATOMIC_RELEASE);
    if (is_protected) mprotect(page, size, PROT_READ);
  }

  const dl_phdr_info& info_;
};

int Patch(dl_phdr_info* info, size_t, void*) {
  Module module(*info);
  // Neither node nor ourselves.
  if (module.Contains(reinterpret_cast<uintptr_t>(&Patch)) || module.Contains(Replacements()->node)) return 0;
  module.PatchLazy();
  module.PatchFilled();
  return 0;
}

pthread_mutex_t patching = PTHREAD_MUTEX_INITIALIZER;

}  // namespace

void PatchAddonScopes() {
  pthread_mutex_lock(&patching);
  dl_iterate_phdr(Patch, nullptr);
  pthread_mutex_unlock(&patching);
}

}  // namespace greenlets
