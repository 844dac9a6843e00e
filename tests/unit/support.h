// SPDX-License-Identifier: Apache-2.0
// Shared by several unit tests.
#pragma once

#include <prometheus/metric_family.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/abi/actor.h"
#include "bpf/abi/config_write.h"
#include "bpf/abi/device.h"
#include "kernel/clock.h"
#include "kernel/irq_devices.h"
#include "kernel/netns_names.h"
#include "metrics/render_context.h"

namespace netchange {

/// A new directory for each test. The destructor deletes it with its contents.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Creates a file, and returns its path.
  [[nodiscard]] std::string File(const std::string& name, std::string_view text) const;

 private:
  std::string path_;
};

/// Fills a name as the kernel side does: zero-padded, without NUL if it has the full size.
template <std::size_t size>
void Fill(char (&field)[size], std::string_view text) {
  std::fill(std::begin(field), std::end(field), '\0');
  std::copy_n(text.begin(), std::min(size, text.size()), field);
}

/// A context without a kernel: boot was at 1700000000 s, and namespaces have no names.
struct TestContext {
  static constexpr std::int64_t kBootTime = 1'700'000'000'000'000'000;
  static constexpr std::uint32_t kInitialNetns = 4026531840;

  TemporaryDirectory no_names;
  KernelClock clock{kBootTime};
  NetnsNames netns{no_names.path(), kInitialNetns};
  IrqDevices irqs{no_names.path(), no_names.path()};
  RenderContext context{clock, netns, irqs};
};

/// A device of the initial namespace.
device_ref Device(std::string_view name, std::uint32_t netns = TestContext::kInitialNetns);
actor Actor(std::string_view comm, std::string_view parent_comm, std::string_view unit = "");

/// The stored value after a write of this text.
config_value TextValue(std::string_view text);

/// The samples of a family by their labels, written `a="1",b="2"` in the order of the sample. Empty
/// if the family is missing, or occurs twice.
std::map<std::string, double> Samples(const std::vector<prometheus::MetricFamily>& families,
                                      std::string_view name);

/// True for valid UTF-8 without control characters (C0 and C1). Does not use the project's own code
/// for that.
bool IsHarmless(const std::string& text);

/// All bytes of a file; empty if it cannot be read.
std::string Contents(const std::string& path);

}  // namespace netchange
