#include "v8_module.h"

#include <v8.h>

namespace greenlets {
namespace {

int Match(dl_phdr_info* info, size_t, void* out) {
  if (!IsInside(*info, reinterpret_cast<uintptr_t>(&v8::Locker::IsLocked))) return 0;
  *static_cast<dl_phdr_info*>(out) = *info;
  return 1;
}

}  // namespace

bool FindV8Module(dl_phdr_info* module) { return dl_iterate_phdr(Match, module) != 0; }

bool IsInside(const dl_phdr_info& module, uintptr_t address) {
  for (int i = 0; i < module.dlpi_phnum; i++) {
    const auto& header = module.dlpi_phdr[i];
    const uintptr_t start = module.dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD && address >= start && address < start + header.p_memsz) return true;
  }
  return false;
}

}  // namespace greenlets
