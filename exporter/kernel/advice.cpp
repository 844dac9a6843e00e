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

// "none integrity [confidentiality]": the level in brackets is the kernel's (kernel_lockdown(7)).
bool LockedDown() {
  std::ifstream lockdown("/sys/kernel/security/lockdown");
  for (std::string level; lockdown >> level;) {
    if (level == "[confidentiality]") return true;
  }
  return false;
}

}  // namespace

Surroundings Surroundings::Read() {
  return {EffectiveCapabilities(), access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0,
          LockedDown()};
}

std::optional<std::string> ExplainRefusal(Backend backend, int error, const Surroundings& here) {
  if ((error == EPERM || error == EACCES) && !MayTrace(here.capabilities)) {
    return "no rights; run as root, or with the capabilities CAP_BPF and CAP_PERFMON";
  }
  if ((error == EPERM || error == EACCES) && here.confidential) {
    return "the kernel is locked down (confidentiality) and lets no program read its memory; boot "
           "it "
           "with lockdown=integrity";
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
