// SPDX-License-Identifier: Apache-2.0
// Shared by the tests of sysctls.
#pragma once

#include <unistd.h>

#include <string>

#include "config_writes.h"

namespace netchange::test {

inline const std::string kNet = "/proc/sys/net/";
inline const std::string kConf = kNet + "ipv4/conf/";
inline constexpr uid_t kNobody = 65534;

inline bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

class Sysctl : public ConfigWriteTest {
 protected:
  // The kernel refuses a write to an open file before it calls the handler. The syscall backend
  // does not count that.
  void ExpectRefusedEarly(const Setting& s, int error) {
    if (BackendOf("sysctl") != "syscall") ExpectRefused(s, error);
  }

  VethPair pair_{"nct0", "nct1"};
};

}  // namespace netchange::test
