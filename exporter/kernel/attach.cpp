// SPDX-License-Identifier: Apache-2.0
// Not libbpf's attach functions: they need libbpf's object, which is large, and they look for
// tracefs only where it is usually mounted.
#include "kernel/attach.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>

#include "kernel/attach_points.h"

namespace netchange {
namespace {

constexpr char kKprobes[] = "/sys/bus/event_source/devices/kprobe/";

// `event`: "syscalls/sys_enter_ioctl".
Result<std::uint64_t> NumberOf(const Fd& tracefs, const std::string& event) {
  const Fd file(openat(tracefs.get(), ("events/" + event + "/id").c_str(), O_RDONLY | O_CLOEXEC));
  char text[24];
  const ssize_t size = file ? read(file.get(), text, sizeof(text)) : -1;
  if (size < 0) return SystemError("read the id of tracepoint " + event, errno);
  std::uint64_t number = 0;
  if (std::from_chars(text, text + size, number).ec != std::errc()) {
    return Error{"tracepoint " + event + " has no id"};
  }
  return number;
}

// An event of one CPU; the kernel runs its program on all of them.
Fd OpenPerfEvent(perf_event_attr attributes) {
  attributes.size = sizeof(attributes);
  return Fd(
      static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)));
}

Fd AttachToEvent(int program, Fd event) {
  if (!event) return event;
  if (Fd link(bpf_link_create(program, event.get(), BPF_PERF_EVENT, nullptr)); link) return link;
  // Since 5.15 there are links for perf events; before, the event itself holds the program.
  if (ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, program)) return Fd();
  return event;
}

}  // namespace

// Not bpf_link_create(), which attaches to functions only since 5.18.
Fd AttachToFunction(int program) { return Fd(bpf_raw_tracepoint_open(nullptr, program)); }

Fd AttachKprobe(int program, const std::string& function, bool at_exit, std::uint64_t address) {
  perf_event_attr attributes{};
  std::string format;
  unsigned bit = 0;  // format/retprobe: "config:0"
  if (!(std::ifstream(std::string(kKprobes) + "type") >> attributes.type) ||
      !(std::ifstream(std::string(kKprobes) + "format/retprobe") >> format) ||
      std::sscanf(format.c_str(), "config:%u", &bit) != 1) {
    errno = ENOENT;
    return Fd();
  }
  if (at_exit) attributes.config = 1ULL << bit;
  if (address)
    attributes.kprobe_addr = address;
  else
    attributes.kprobe_func = reinterpret_cast<std::uintptr_t>(function.c_str());
  return AttachToEvent(program, OpenPerfEvent(attributes));
}

Result<BpfLink> AttachRawTracepoint(int program, const char* event) {
  Fd link(bpf_raw_tracepoint_open(event, program));
  if (!link) return SystemError(std::string("attach to the tracepoint ") + event, errno);
  return BpfLink(std::move(link));
}

Result<BpfLink> AttachTracepoint(int program, const Fd& tracefs, const std::string& event) {
  const auto number = NumberOf(tracefs, event);
  if (!number) return number.error();
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = *number;
  Fd link = AttachToEvent(program, OpenPerfEvent(attributes));
  if (!link) return SystemError("attach to tracepoint " + event, errno);
  return BpfLink(std::move(link));
}

Result<BpfLink> AttachToRootCgroup(int program) {
  const auto root = OpenCgroupRoot();
  if (!root) return root.error();
  Fd link(bpf_link_create(program, root->get(), BPF_CGROUP_SYSCTL, nullptr));
  if (!link) return SystemError("attach to the root cgroup", errno);
  return BpfLink(std::move(link));
}

}  // namespace netchange
