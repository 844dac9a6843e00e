// SPDX-License-Identifier: Apache-2.0
#include "kernel/cpus.h"

#include <charconv>
#include <fstream>

namespace netchange {

std::uint32_t CpuIds(const std::string& file) {
  std::string list;
  if (!(std::ifstream(file) >> list)) return 0;
  const std::string last = list.substr(list.find_last_of(",-") + 1);
  std::uint32_t highest = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), highest);
  return error == std::errc() && end == last.data() + last.size() ? highest + 1 : 0;
}

}  // namespace netchange
