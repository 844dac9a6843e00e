// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "kernel/bpf_object.h"

namespace netchange {

/// Tells who lost events because the ring buffer was full. Not thread-safe.
class EventLosses {
 public:
  /// Logs the events of the collector that processes lost since the last call, by process for the
  /// ten that lost most. `lost`: all its lost events. The kernel side remembers 256 processes.
  void Report(const BpfObject& object, std::uint64_t lost);

 private:
  struct Reported {
    std::uint64_t total = 0;
    std::map<std::uint32_t, std::uint64_t> by_process;  // those remembered, by pid
  };
  std::map<std::string, Reported> reported_;  // by collector
};

}  // namespace netchange
