// SPDX-License-Identifier: Apache-2.0
#include "kernel/driver_functions.h"

#include <bpf/btf.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

#include "kernel/kernel_btf.h"
#include "kernel/kernel_symbols.h"

namespace netchange {
namespace {

// ndo_bpf functions of the drivers of Linux 5.10, whose modules have no BTF.
constexpr std::string_view kKnown[] = {
    "bnxt_xdp",    "efx_xdp",   "ena_xdp",  "i40e_xdp",    "ice_xdp",     "ice_xdp_safe_mode",
    "igb_xdp",     "ixgbe_xdp", "mlx4_xdp", "ixgbevf_xdp", "mlx5e_xdp",   "netvsc_bpf",
    "nfp_net_xdp", "qede_xdp",  "tun_xdp",  "veth_xdp",    "virtnet_xdp", "xennet_xdp",
};

bool IsInt(const btf* types, std::uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  return type && btf_is_int(type) &&
         std::string_view("int") == btf__name_by_offset(types, type->name_off);
}

bool IsPointerToStruct(const btf* types, std::uint32_t id, std::string_view name) {
  const btf_type* pointer = btf__type_by_id(types, id);
  if (!pointer || !btf_is_ptr(pointer)) return false;
  const btf_type* target = btf__type_by_id(types, pointer->type);
  return target && btf_is_struct(target) && name == btf__name_by_offset(types, target->name_off);
}

bool HasDriverPrototype(const btf* types, const btf_type* function) {
  const btf_type* prototype = btf__type_by_id(types, function->type);
  if (!prototype || btf_vlen(prototype) != 2 || !IsInt(types, prototype->type)) return false;
  const btf_param* parameters = btf_params(prototype);
  return IsPointerToStruct(types, parameters[0].type, "net_device") &&
         IsPointerToStruct(types, parameters[1].type, "netdev_bpf");
}

struct Free {
  void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, Free>;

std::vector<DriverFunction> OfModules(btf* kernel, const std::set<std::string>& modules) {
  std::vector<DriverFunction> found;
  std::set<std::string> without_types;
  for (const std::string& module : modules) {
    const Types types(btf__load_module_btf(module.c_str(), kernel));
    if (!types) {
      without_types.insert(module);
      continue;
    }
    for (std::string& name : FunctionsOfDriverPrototype(types.get(), btf__type_cnt(kernel)))
      found.push_back({module, std::move(name)});
  }
  if (without_types.empty()) return found;
  std::ifstream kallsyms("/proc/kallsyms");
  const auto known = KnownDriverFunctions(kallsyms, without_types);
  found.insert(found.end(), known.begin(), known.end());
  return found;
}

}  // namespace

std::vector<std::string> FunctionsOfDriverPrototype(const btf* types, std::uint32_t first) {
  std::vector<std::string> names;
  for (std::uint32_t id = first; id < btf__type_cnt(types); ++id) {
    const btf_type* type = btf__type_by_id(types, id);
    if (btf_is_func(type) && HasDriverPrototype(types, type))
      names.emplace_back(btf__name_by_offset(types, type->name_off));
  }
  return names;
}

std::vector<DriverFunction> KnownDriverFunctions(std::istream& kallsyms,
                                                 const std::set<std::string>& modules) {
  std::vector<DriverFunction> found;
  for (std::string line; std::getline(kallsyms, line);) {
    const auto symbol = ParseKernelSymbol(line);
    if (!symbol || !std::count(std::begin(kKnown), std::end(kKnown), symbol->name)) continue;
    if (const std::string module(symbol->module); modules.contains(module))
      found.push_back({module, std::string(symbol->name)});
  }
  return found;
}

std::uint64_t AddressOf(std::istream& kallsyms, const DriverFunction& function) {
  for (std::string line; std::getline(kallsyms, line);) {
    const auto symbol = ParseKernelSymbol(line);
    if (symbol && symbol->name == function.name && symbol->module == function.module)
      return symbol->address;
  }
  return 0;
}

std::set<std::string> ModuleNames(std::istream& modules) {
  std::set<std::string> names;
  for (std::string line; std::getline(modules, line);) names.insert(line.substr(0, line.find(' ')));
  return names;
}

Result<std::vector<DriverFunction>> FindDriverFunctions() {
  const auto kernel = KernelBtf::Read();
  if (!kernel) return kernel.error();
  std::vector<DriverFunction> found;
  for (std::string& name : FunctionsOfDriverPrototype((*kernel)->get(), 1))
    found.push_back({"", std::move(name)});
  std::ifstream modules("/proc/modules");
  const auto in_modules = OfModules((*kernel)->get(), ModuleNames(modules));
  found.insert(found.end(), in_modules.begin(), in_modules.end());
  return found;
}

Result<std::vector<DriverFunction>> FindDriverFunctionsOf(const std::string& module) {
  const auto kernel = KernelBtf::Read();
  if (!kernel) return kernel.error();
  return OfModules((*kernel)->get(), {module});
}

}  // namespace netchange
