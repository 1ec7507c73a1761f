#include "wasm_gc.h"

#include "v8_flag.h"

namespace greenlets {

bool DisableWasmCodeGc() { return ClearV8Flag("wasm-code-gc"); }

}  // namespace greenlets
