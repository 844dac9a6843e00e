// SPDX-License-Identifier: Apache-2.0
#include "kernel/advice.h"

#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace netchange {
namespace {

constexpr int kNotSupported = 524;  // ENOTSUPP of the kernel, not in the UAPI

bool MayTrace(std::uint64_t capabilities) {
  const auto has = [&](int number) { return (capabilities >> number & 1) != 0; };
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
}

std::uint64_t EffectiveCapabilities() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t capabilities = 0;
    if (word == "CapEff:" && status >> std::hex >> capabilities) return capabilities;
  }
  return 0;
}

}  // namespace

Surroundings Surroundings::Read() {
  return {EffectiveCapabilities(), access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0};
}

std::optional<std::string> ExplainRefusal(Backend backend, int error, const Surroundings& here) {
  if ((error == EPERM || error == EACCES) && !MayTrace(here.capabilities)) {
    return "no rights; run as root, or with the capabilities CAP_BPF and CAP_PERFMON";
  }
  if (backend == Backend::kFexit && error == EPERM) return "this kernel refuses tracing programs";
  if (backend == Backend::kFexit && error == kNotSupported) {
    return "this kernel cannot attach programs to functions (no BPF trampolines)";
  }
  if (backend == Backend::kKprobe && !here.kprobes) {
    return "this kernel has no kprobes (CONFIG_KPROBES)";
  }
  return std::nullopt;
}

}  // namespace netchange
