// The loaded object that V8 is linked into: the node binary, or a libnode.so.
#pragma once

#include <link.h>

#include <cstdint>

namespace greenlets {

/** Its place and headers, and the calling thread's storage in it; false if it was not found. */
bool FindV8Module(dl_phdr_info* module);

/** Whether one of its segments holds `address`. */
bool IsInside(const dl_phdr_info& module, uintptr_t address);

}  // namespace greenlets
