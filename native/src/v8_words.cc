#include "v8_words.h"

#include <malloc.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stack_pool.h"

namespace greenlets {

bool ReadWords(const void* from, void* to, size_t bytes) {
  const iovec local{to, bytes};
  const iovec remote{const_cast<void*>(from), bytes};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(bytes);
}

IsolateWords::IsolateWords(v8::Isolate* isolate) : words_(reinterpret_cast<uintptr_t*>(isolate)) {
  const size_t count = malloc_usable_size(isolate) / sizeof(uintptr_t);
  if (count < 100 || count > 128 * 1024 || !FindV8Module(&module_)) return;
  void* code;
  isolate->GetCodeRange(&code, &code_bytes_);
  code_ = reinterpret_cast<uintptr_t>(code);
  size_ = count;
}

bool IsolateWords::MayBeAllocated(uintptr_t word) const {
  // What malloc returns has the alignment of its greatest types.
  if (word % alignof(std::max_align_t) != 0 || word <= kPageSize || word >> 47 != 0) return false;
  return !IsInside(module_, word) && word - code_ >= code_bytes_;
}

}  // namespace greenlets
