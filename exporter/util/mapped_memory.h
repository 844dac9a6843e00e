// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace netchange {

/// Zeroed memory straight from the kernel. It goes back there as soon as it is destroyed, which is
/// not so for memory from malloc(). Throws std::bad_alloc. `now`: it will be used as a whole, so
/// the kernel makes its pages at once, which costs less than one by one.
class MappedMemory {
 public:
  MappedMemory() = default;
  explicit MappedMemory(std::size_t size, bool now = false) : size_(size) {
    if (size == 0) return;
    data_ = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | (now ? MAP_POPULATE : 0), -1, 0);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
  }
  MappedMemory(MappedMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedMemory& operator=(MappedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MappedMemory() {
    if (data_) munmap(data_, size_);
  }

  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(data_); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace netchange
