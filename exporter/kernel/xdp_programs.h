// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>

namespace netchange {

/// The loaded XDP programs of the machine, attached or not. Not thread-safe.
class XdpPrograms {
 public:
  /// Their ids now; nullopt without CAP_SYS_ADMIN. Asks the kernel about those that it knows, and
  /// about programs of any type that were loaded since the last call.
  std::optional<std::set<std::uint32_t>> Read();

 private:
  std::uint32_t newest_ = 0;  // id of the newest program seen; ids rise
  std::set<std::uint32_t> ids_;
};

}  // namespace netchange
