// SPDX-License-Identifier: Apache-2.0
// Pairs of virtual Ethernet devices.
#pragma once

#include <string>

namespace netchange::test {

/// A veth pair, deleted at the end. Made by netlink, because ip(8) takes an emulated guest 0.1
/// seconds to start, and nearly every case has a pair.
class VethPair {
 public:
  VethPair(std::string name, const std::string& peer);
  ~VethPair();
  VethPair(const VethPair&) = delete;
  VethPair& operator=(const VethPair&) = delete;

 private:
  std::string name_;
};

}  // namespace netchange::test
