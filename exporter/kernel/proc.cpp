// SPDX-License-Identifier: Apache-2.0
#include "kernel/proc.h"

#include <unistd.h>

#include <fstream>
#include <string>

namespace netchange {

bool ProcShowsAllTasks(const std::string& proc) {
  std::string comm;
  std::getline(std::ifstream(proc + "/" + std::to_string(kKthreadd) + "/comm"), comm);
  return comm == "kthreadd";
}

bool TaskExists(std::uint64_t task) {
  const std::string group = std::to_string(task >> 32);
  const std::string thread = std::to_string(task & 0xffffffff);
  return access(("/proc/" + group + "/task/" + thread).c_str(), F_OK) == 0;
}

}  // namespace netchange
