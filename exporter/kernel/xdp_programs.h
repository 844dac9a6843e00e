// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace netchange {

/// Tells whether XDP programs are loaded on the machine, attached or not. Not thread-safe.
class XdpPrograms {
 public:
  /// True if one is loaded that was not loaded at the last call. Asks the kernel only about
  /// programs that are newer. Also true if the kernel does not tell, for example without
  /// CAP_SYS_ADMIN.
  bool AnyNew();

 private:
  std::uint32_t newest_ = 0;  // id of the newest program seen, of any type; ids rise
};

}  // namespace netchange
