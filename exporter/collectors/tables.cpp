// SPDX-License-Identifier: Apache-2.0
#include "collectors/tables.h"

#include <cstring>

namespace netchange {
namespace {

// Errors of the kernel that are not in the UAPI (include/linux/errno.h), but reach user space.
constexpr NumberName kKernelErrors[] = {{512, "ERESTARTSYS"}, {524, "ENOTSUPP"}};

}  // namespace

const char* NameOf(std::span<const NumberName> names, std::uint32_t number) {
  for (const NumberName& entry : names) {
    if (entry.number == number) return entry.name;
  }
  return "unknown";
}

std::string ErrnoName(std::uint16_t error) {
  if (const char* name = strerrorname_np(error)) return name;
  const std::string name = NameOf(kKernelErrors, error);
  return name != "unknown" ? name : "errno_" + std::to_string(error);
}

}  // namespace netchange
