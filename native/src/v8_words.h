// V8's own memory, looked at word by word: for what has no public name, and is known by how it behaves.
#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>

#include "v8_module.h"

namespace greenlets {

/** Copies memory that may not be readable; false then. */
bool ReadWords(const void* from, void* to, size_t bytes);

/** The words of the isolate itself. */
class IsolateWords {
 public:
  explicit IsolateWords(v8::Isolate* isolate);
  /** False where the isolate is not what is known. */
  bool found() const { return size_ > 0; }

  /** Whether `word` may be the address of an object that the isolate has allocated. Most words are addresses of code.
   */
  bool MayBeAllocated(uintptr_t word) const;

  uintptr_t* begin() const { return words_; }
  uintptr_t* end() const { return words_ + size_; }
  size_t size() const { return size_; }
  uintptr_t& operator[](size_t index) const { return words_[index]; }

 private:
  uintptr_t* words_;
  size_t size_ = 0;
  uintptr_t code_ = 0;
  size_t code_bytes_ = 0;
  dl_phdr_info module_;
};

}  // namespace greenlets
