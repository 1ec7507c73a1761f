// The machine's part of a switch: two assembly routines, and the first frame of a new stack.
#pragma once

#include <cstdint>
#include <cstring>

extern "C" {
/** Saves the callee-saved registers and the stack pointer to `*save_sp`, and goes on from `load_sp`. */
void greenlets_switch(void** save_sp, void* load_sp);
/** Where a new stack begins; reached only by the `ret` of `greenlets_switch`. */
void greenlets_entry();
}

namespace greenlets {

/** Lays out the frame from which `greenlets_switch` enters `fn(arg)`; returns the stack pointer to load. */
inline void* PrepareStack(char* top, void (*fn)(void*), void* arg) {
  const uintptr_t aligned = (reinterpret_cast<uintptr_t>(top) - 64) & ~uintptr_t{15};
#if defined(__x86_64__)
  // From the stack pointer up: MXCSR and x87 control word, r15, r14, r13, r12, rbx, rbp, return address.
  void** frame = reinterpret_cast<void**>(aligned) - 10;
  std::memset(frame, 0, 10 * sizeof(void*));
  uint32_t mxcsr;
  uint16_t x87;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  asm volatile("fnstcw %0" : "=m"(x87));
  std::memcpy(frame, &mxcsr, sizeof mxcsr);
  std::memcpy(reinterpret_cast<char*>(frame) + 4, &x87, sizeof x87);
  frame[3] = reinterpret_cast<void*>(fn);
  frame[4] = arg;
  frame[7] = reinterpret_cast<void*>(&greenlets_entry);
  return frame;
#elif defined(__aarch64__)
  // From the stack pointer up: x19 … x30, d8 … d15, FPCR.
  void** frame = reinterpret_cast<void**>(aligned - 176);
  std::memset(frame, 0, 176);
  uint64_t fpcr;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  frame[0] = arg;
  frame[1] = reinterpret_cast<void*>(fn);
  frame[11] = reinterpret_cast<void*>(&greenlets_entry);
  std::memcpy(frame + 20, &fpcr, sizeof fpcr);
  return frame;
#else
#error "greenlets: no stack switch for this architecture"
#endif
}

}  // namespace greenlets
