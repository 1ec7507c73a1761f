#pragma once

namespace greenlets {

/** Turns off what V8 cannot do beside archived threads, in the whole process; further calls do nothing. V8's flag hash,
 *  and with it every code cache, stays valid where the flags' bytes can be found.
 *
 *  - The collection of WebAssembly code aborts ("archived threads in combination with wasm not supported").
 *  - Optimized code that calls native functions directly (fast API calls) leaves no frame of its own, but a note in the
 *    isolate of where it was. In a collection during such a call V8 begins the walk of every thread there, archived
 * ones too: their own frames are not visited. Code that has been optimized before must be discarded, see
 *    `discardOptimizedCode`. */
void DisableWhatCannotBeArchived();

}  // namespace greenlets
