// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "kernel/bpf_object.h"

namespace netchange {

/// Tells who lost events because the ring buffer was full. Not thread-safe.
class EventLosses {
 public:
  /// Logs the events that the collector's processes lost since the last call, by user and unit.
  /// `lost`: all its lost events. The kernel side remembers 256 users and units.
  void Report(const BpfObject& object, std::uint64_t lost);

 private:
  struct Reported {
    std::uint64_t total = 0;
    std::map<std::pair<std::uint32_t, std::string>, std::uint64_t> by_loser;  // uid and unit
  };
  std::map<std::string, Reported> reported_;  // by collector
};

}  // namespace netchange
