// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_symbols.h"

#include <charconv>
#include <fstream>

namespace netchange {

std::optional<KernelSymbol> ParseKernelSymbol(std::string_view line) {
  constexpr std::size_t kTypeSize = 3;  // " T "
  KernelSymbol symbol;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), symbol.address, 16);
  line.remove_prefix(static_cast<std::size_t>(parsed.ptr - line.data()));
  if (parsed.ec != std::errc() || line.size() <= kTypeSize || line[0] != ' ' || line[2] != ' ')
    return std::nullopt;
  line.remove_prefix(kTypeSize);
  symbol.name = line.substr(0, line.find('\t'));
  line.remove_prefix(symbol.name.size());
  if (line.starts_with("\t[") && line.ends_with(']'))
    symbol.module = line.substr(2, line.size() - 3);
  return symbol;
}

std::map<std::string, std::uint64_t> ReadKernelSymbols(const std::set<std::string>& names,
                                                       const std::string& file) {
  std::map<std::string, std::uint64_t> found;
  std::set<std::string> twice;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto symbol = ParseKernelSymbol(line);
    if (!symbol || symbol->address == 0) continue;
    const auto wanted = names.find(std::string(symbol->name));
    if (wanted == names.end()) continue;
    if (!found.emplace(*wanted, symbol->address).second) twice.insert(*wanted);
  }
  for (const std::string& name : twice) found.erase(name);
  return found;
}

}  // namespace netchange
