// Memory for stacks: mapped in slabs, guarded, reused last-in first-out.
//
//   low                                                          high
//   | guard page | native headroom (192 KB) | JavaScript …  <- grows | handles |
//   base                                    V8's limit                         top
#pragma once

#include <cstddef>

#include "array.h"

namespace greenlets {

inline constexpr size_t kPageSize = 4096;

/** Below V8's limit there must be room for native code that V8 calls without checking: stopping the CPU
 *  profiler took 69 KB in Node 26. */
inline constexpr size_t kNativeHeadroom = 192 * 1024;

/** At the top of each stack: a block of handles of V8's size, of which the first few share a page with frames. */
inline constexpr size_t kHandleRoom = 2 * kPageSize;
inline constexpr size_t kUsualHandles = 512;

struct Stack {
  char* base = nullptr;
  size_t size = 0;
  char* top() const { return base + size; }
  /** Where its handles live, see carried/handle_block.h: so far below a page boundary that usual ones end there. */
  char* handles() const { return top() - kHandleRoom - kUsualHandles; }
  /** What V8 is told: JavaScript that needs more gets a RangeError. */
  char* limit() const { return base + kPageSize + kNativeHeadroom; }
};

/** The stacks of one Node environment. Sizes are powers of two, each with a free list of its own. */
class StackPool {
 public:
  static constexpr size_t kSmallest = 256 * 1024;
  static constexpr size_t kLargest = 64 * 1024 * 1024;

  StackPool() = default;
  ~StackPool();

  /** A stack of at least `size` bytes, or one with a null base when the system gives no more memory. */
  Stack Take(size_t size);
  void Give(Stack stack);
  /** Begins a look at the free stacks: those that have been free since the last one are idle. */
  void BeginTrim();
  /** Gives memory of about `most` free stacks back to the system: mappings that are idle as a whole, the pages of other
   *  idle stacks, of the rest what was used deep down. True once nothing more is to be had. */
  bool TrimFree(size_t most);
  /** Whether a free stack still has pages. */
  bool HoldsPages() const;
  size_t mapped() const { return mapped_; }
  size_t in_use() const { return in_use_; }

 private:
  static constexpr int kClasses = 9;
  struct Mapping {
    char* base;
    size_t size;
    size_t protected_count;  // guards that are mappings of their own
    size_t idle;             // stacks, while they are counted
  };
  /** A free list, whose lowest stacks are the longest free, with how many of these ... */
  struct SizeClass {
    Array<char*> free;
    size_t least = 0;    // were never taken since the last look
    size_t idle = 0;     // were never taken between the last two
    size_t emptied = 0;  // hold no pages
    size_t shallow = 0;  // hold few
    char* fresh = nullptr;
    size_t fresh_left = 0;
  };
  static int ClassOf(size_t size);
  bool MapSlab(SizeClass* size_class, size_t stack_size);
  Mapping& MappingOf(const char* address);
  void Guard(char* base);
  bool Unmap(SizeClass* size_class, size_t stack_size, size_t most);

  SizeClass classes_[kClasses];
  Array<Mapping> mappings_;  // by address
  size_t mapped_ = 0;
  size_t in_use_ = 0;
  size_t protected_ = 0;
  bool guard_install_works_ = true;
};

/** Gives back the pages between the guard and the frames in use, and those behind the handles in use, where that is
 * worth the calls; true if done. */
bool TrimSuspended(const Stack& stack, const void* saved_stack_pointer, const void* handles_end);

}  // namespace greenlets
