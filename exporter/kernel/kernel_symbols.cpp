// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_symbols.h"

#include <charconv>
#include <fstream>
#include <string_view>

namespace netchange {

std::map<std::string, std::uint64_t> ReadKernelSymbols(const std::set<std::string>& names,
                                                       const std::string& file) {
  constexpr std::size_t kDigits = 16, kNameAt = kDigits + 3;  // "ffffffff81000000 T name\t[module]"
  std::map<std::string, std::uint64_t> found;
  std::set<std::string> twice;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.size() <= kNameAt) continue;
    std::string_view name(line);
    name = name.substr(kNameAt, name.find('\t') - kNameAt);
    const auto wanted = names.find(std::string(name));
    if (wanted == names.end()) continue;
    std::uint64_t address = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + kDigits, address, 16);
    if (parsed.ptr != line.data() + kDigits || address == 0) continue;
    if (!found.emplace(*wanted, address).second) twice.insert(*wanted);
  }
  for (const std::string& name : twice) found.erase(name);
  return found;
}

}  // namespace netchange
