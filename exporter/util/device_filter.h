// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace netchange {

/// Which devices are shown, by shell patterns (`veth*`). Thread-safe while it is not changed.
struct DeviceFilter {
  std::vector<std::string> include;  // empty: all
  std::vector<std::string> exclude;  // wins over `include`

  /// Names that stand for no single device (`all`, `default`, `*`, none) always pass.
  [[nodiscard]] bool Accepts(const std::string& device) const;
};

}  // namespace netchange
