// SPDX-License-Identifier: Apache-2.0
// A BPF object whose functions a test calls directly. No hook is loaded, so these tests run on
// kernels that forbid tracing.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/settings.h"
#include "kernel/map_reader.h"

namespace netchange::test {

/// Loads only the programs in section "syscall".
class Logic {
 public:
  using Object = std::unique_ptr<bpf_object, decltype(&bpf_object__close)>;

  Logic(const void* elf, std::size_t size, const object_settings& settings,
        std::uint32_t max_entries);

  /// Why the object is not loaded; empty if it is.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// Runs a program on `context`, and returns its result.
  template <class Context>
  int Run(const char* program, Context& context) {
    return RunRaw(program, &context, sizeof(context));
  }
  int Run(const char* program) { return RunRaw(program, nullptr, 0); }

  template <class Key, class Value>
  std::vector<std::pair<Key, Value>> Read(const char* map) {
    auto entries = ReadMap<Key, Value>(bpf_object__find_map_fd_by_name(object_.get(), map));
    EXPECT_TRUE(entries) << (entries ? "" : entries.error().message);
    return entries ? *entries : std::vector<std::pair<Key, Value>>();
  }
  int MapFd(const char* map) { return bpf_object__find_map_fd_by_name(object_.get(), map); }
  collector_statistics Statistics(collector of);
  bpf_object* object() { return object_.get(); }

 private:
  int RunRaw(const char* program, void* context, std::size_t size);

  Object object_;
  std::string problem_;
};

}  // namespace netchange::test
