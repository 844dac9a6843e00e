// SPDX-License-Identifier: Apache-2.0
#include "kernel/preemption.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <sstream>

#include "kernel/attach_points.h"

namespace netchange {
namespace {

std::string ReadMode() {
  const Fd debugfs = OpenDebugfs();
  const Fd file(debugfs ? openat(debugfs.get(), "sched/preempt", O_RDONLY | O_CLOEXEC) : -1);
  char text[128];
  const ssize_t size = file ? read(file.get(), text, sizeof(text)) : -1;
  return size > 0 ? std::string(text, size) : "";
}

}  // namespace

bool Preempts(const std::string& mode, const std::string& version) {
  if (!mode.empty())
    return mode.find("(full)") != std::string::npos || mode.find("(lazy)") != std::string::npos;
  std::istringstream words(version);
  for (std::string word; words >> word;) {
    if (word.starts_with("PREEMPT")) return true;
  }
  return false;
}

bool KernelPreempts() {
  utsname name{};
  return Preempts(ReadMode(), uname(&name) ? "" : name.version);
}

}  // namespace netchange
