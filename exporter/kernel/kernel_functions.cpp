// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_functions.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <memory>

namespace netchange {

Result<KernelFunctions> KernelFunctions::Read(const std::set<std::string, std::less<>>& names) {
  const std::unique_ptr<btf, decltype(&btf__free)> kernel(btf__load_vmlinux_btf(), btf__free);
  if (!kernel) {
    return SystemError("read the kernel's type information (BTF; needs CONFIG_DEBUG_INFO_BTF)",
                       errno);
  }
  std::unordered_map<std::string, int> arguments;
  for (std::uint32_t id = 1; id < btf__type_cnt(kernel.get()); ++id) {
    const btf_type* type = btf__type_by_id(kernel.get(), id);
    if (!btf_is_func(type)) continue;
    const std::string_view name = btf__name_by_offset(kernel.get(), type->name_off);
    if (!names.contains(name)) continue;
    arguments.emplace(name, btf_vlen(btf__type_by_id(kernel.get(), type->type)));
  }
  return KernelFunctions(std::move(arguments));
}

std::optional<int> KernelFunctions::Arguments(std::string_view function) const {
  const auto found = arguments_.find(std::string(function));
  if (found == arguments_.end()) return std::nullopt;
  return found->second;
}

}  // namespace netchange
