// SPDX-License-Identifier: Apache-2.0
#include "kernel/privileges.h"

#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "kernel/netns.h"

namespace netchange {
namespace {

constexpr int kNotSupported = 524;  // the kernel's ENOTSUPP, not in the UAPI

bool Has(std::uint64_t capabilities, int number) { return (capabilities >> number & 1) != 0; }

bool MayTrace(std::uint64_t capabilities) {
  return Has(capabilities, CAP_SYS_ADMIN) ||
         (Has(capabilities, CAP_BPF) && Has(capabilities, CAP_PERFMON));
}

int PerfParanoid() {
  int level = 2;
  std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> level;
  return level;
}

std::uint64_t EffectiveCapabilities() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t capabilities = 0;
    if (word == "CapEff:" && status >> std::hex >> capabilities) return capabilities;
  }
  return 0;
}

// "none integrity [confidentiality]": the current mode is in brackets (kernel_lockdown(7)).
bool LockedDown() {
  std::ifstream lockdown("/sys/kernel/security/lockdown");
  for (std::string level; lockdown >> level;) {
    if (level == "[confidentiality]") return true;
  }
  return false;
}

}  // namespace

Environment Environment::Read() {
  return {EffectiveCapabilities(), access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0,
          LockedDown(), PerfParanoid(), MayReadNetns()};
}

std::optional<std::string> ExplainRefusal(Backend backend, int error, const Environment& here) {
  if ((error == EPERM || error == EACCES) && !MayTrace(here.capabilities)) {
    return "missing capabilities: run as root, or with CAP_BPF and CAP_PERFMON";
  }
  // EINVAL: under lockdown the kernel hides the helper from programs.
  if ((error == EPERM || error == EACCES || error == EINVAL) && here.confidential) {
    return "kernel lockdown (confidentiality) forbids BPF programs to read kernel memory: boot "
           "with "
           "lockdown=integrity";
  }
  // Debian and Ubuntu added level 3. Kprobes and tracepoints are perf events.
  if (backend != Backend::kFexit && error == EACCES && here.perf_paranoid > 2 &&
      !Has(here.capabilities, CAP_SYS_ADMIN)) {
    return "kernel.perf_event_paranoid is " + std::to_string(here.perf_paranoid) +
           ", which requires CAP_SYS_ADMIN: run with it, or set it to 2";
  }
  if (backend == Backend::kSyscall && error == EPERM && !Has(here.capabilities, CAP_NET_ADMIN) &&
      !Has(here.capabilities, CAP_SYS_ADMIN)) {
    return "missing capability for cgroup programs: run with CAP_NET_ADMIN, too";
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

std::vector<std::string> MissingCapabilities(const Environment& here) {
  std::vector<std::string> missing;
  if (!here.namespaces) {
    missing.emplace_back(
        "without CAP_SYS_PTRACE (or the host's /proc), the network namespaces of other processes "
        "are unknown: the initial one is shown by its number, and series never expire");
  }
  if (!Has(here.capabilities, CAP_SYS_ADMIN)) {
    missing.emplace_back(
        "without CAP_SYS_ADMIN, netchange_xdp_attached_info has only the exporter's own namespace, "
        "and no program names");
  }
  if (!Has(here.capabilities, CAP_SYSLOG)) {
    missing.emplace_back(
        "without CAP_SYSLOG, sysctl values are not read in the kernel: changes are found by "
        "comparing "
        "the written text");
  }
  return missing;
}

}  // namespace netchange
