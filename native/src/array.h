// A growing array of plain values. The addon stays off the C++ runtime library, so that one binary serves
// every Linux that Node itself runs on.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <type_traits>

namespace greenlets {

template <typename T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Array() = default;
  ~Array() { std::free(items_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  /** False when there is no memory; the array is unchanged then. */
  bool Push(T item) {
    if (size_ == capacity_ && !Reserve(capacity_ == 0 ? 16 : capacity_ * 2)) return false;
    items_[size_++] = item;
    return true;
  }
  bool Reserve(size_t capacity) {
    if (capacity <= capacity_) return true;
    T* grown = static_cast<T*>(std::realloc(items_, capacity * sizeof(T)));
    if (grown == nullptr) return false;
    items_ = grown;
    capacity_ = capacity;
    return true;
  }
  T Pop() { return items_[--size_]; }
  void Shrink(size_t size) { size_ = size; }
  T& operator[](size_t index) { return items_[index]; }
  const T& operator[](size_t index) const { return items_[index]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return items_; }
  T* end() { return items_ + size_; }

 private:
  T* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace greenlets
