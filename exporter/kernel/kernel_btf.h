// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "util/fd.h"
#include "util/result.h"

struct btf;

namespace netchange {

/// The running kernel's types (BTF): some megabytes. Thread-safe.
class KernelBtf {
 public:
  /// Reads them, unless somebody has them already. The error names the missing kernel option.
  static Result<std::shared_ptr<const KernelBtf>> Read();

  /// Borrowed, to read. Not const because libbpf takes the base of a module's types so.
  [[nodiscard]] btf* get() const { return types_.get(); }

  /// Writes those types that have the name of a type of `local`, and the types that these contain.
  /// For CO-RE: libbpf looks through all types for each type of an object, and the kernel has a
  /// hundred thousand. What pointers point to is left out, so this is not for relocations that
  /// compare it, or that ask for the id of a type of the kernel.
  [[nodiscard]] Status WriteReduced(const btf* local, const Fd& file) const;

 private:
  struct Free {
    void operator()(btf* types) const;
  };
  explicit KernelBtf(btf* types) : types_(types) {}

  std::unique_ptr<btf, Free> types_;
};

}  // namespace netchange
