#pragma once

namespace greenlets {

/** Turns off V8's collection of WebAssembly code, which aborts the process when a thread is archived ("archived
 *  threads in combination with wasm not supported"). V8's flag hash, and with it every code cache, stays valid
 *  where the flag's byte can be found; true then. Once a process. */
bool DisableWasmCodeGc();

}  // namespace greenlets
