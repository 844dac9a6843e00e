// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_functions.h"

#include <bpf/btf.h>

#include <cstdint>

namespace netchange {

KernelFunctions KernelFunctions::Read(const KernelBtf& types,
                                      const std::set<std::string, std::less<>>& names) {
  std::unordered_map<std::string, int> arguments;
  for (std::uint32_t id = 1; id < btf__type_cnt(types.get()); ++id) {
    const btf_type* type = btf__type_by_id(types.get(), id);
    if (!btf_is_func(type)) continue;
    const std::string_view name = btf__name_by_offset(types.get(), type->name_off);
    if (!names.contains(name)) continue;
    arguments.emplace(name, btf_vlen(btf__type_by_id(types.get(), type->type)));
  }
  return KernelFunctions(std::move(arguments));
}

std::optional<int> KernelFunctions::Arguments(std::string_view function) const {
  const auto found = arguments_.find(std::string(function));
  if (found == arguments_.end()) return std::nullopt;
  return found->second;
}

}  // namespace netchange
