// SPDX-License-Identifier: Apache-2.0
#include "kernel/link_pins.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "kernel/mounts.h"

namespace netchange {
namespace {

// From 6.5 on, a worker of the kernel detaches a link that has lost its last name (measured: 6.12
// does, 6.1 waits). On 5.10 a call of `ethtool -p`, which sleeps in a traced function, was not
// counted while another exporter was being detached. So before 5.12, which changed how trampolines
// are replaced, the end waits, and nothing changes after it.
bool NeedsHolder() {
  utsname name{};
  int major = 0, minor = 0;
  if (uname(&name) || std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
  const std::pair version(major, minor);
  return version >= std::pair(5, 12) && version < std::pair(6, 5);
}

// An io_uring instance that holds the file system. When its descriptor is closed, a worker of the
// kernel lets go of what it holds, and so of all links. Invalid if this process may not have one.
Fd HoldByWorker(const Fd& directory) {
  const Fd file(openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  io_uring_params parameters{};
  Fd ring(static_cast<int>(syscall(SYS_io_uring_setup, 1, &parameters)));
  const int held = file.get();
  if (!file || !ring || syscall(SYS_io_uring_register, ring.get(), IORING_REGISTER_FILES, &held, 1))
    return Fd();
  return ring;
}

}  // namespace

LinkPin::~LinkPin() {
  if (const auto pins = pins_.lock()) unlinkat(pins->directory_.get(), name_.c_str(), 0);
}

std::shared_ptr<LinkPins> LinkPins::Create() {
  Fd directory = MountForMyself("bpf");
  if (!directory) return nullptr;
  Fd holder = NeedsHolder() ? HoldByWorker(directory) : Fd();
  return std::shared_ptr<LinkPins>(new LinkPins(std::move(holder), std::move(directory)));
}

std::unique_ptr<LinkPin> LinkPins::Pin(int link) {
  const std::string name = std::to_string(++names_);
  // Only kernels since 6.5 take a descriptor of the directory.
  const std::string path = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + name;
  if (bpf_obj_pin(link, path.c_str())) return nullptr;
  return std::make_unique<LinkPin>(weak_from_this(), name);
}

}  // namespace netchange
