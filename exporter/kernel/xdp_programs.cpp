// SPDX-License-Identifier: Apache-2.0
#include "kernel/xdp_programs.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <cerrno>

#include "util/fd.h"

namespace netchange {
namespace {

bool IsXdpProgram(std::uint32_t id) {
  const Fd program(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return program && !bpf_obj_get_info_by_fd(program.get(), &info, &size) &&
         info.type == BPF_PROG_TYPE_XDP;
}

}  // namespace

std::optional<std::set<std::uint32_t>> XdpPrograms::Read() {
  std::erase_if(ids_, [](std::uint32_t id) { return !IsXdpProgram(id); });
  while (!bpf_prog_get_next_id(newest_, &newest_)) {
    if (IsXdpProgram(newest_)) ids_.insert(newest_);
  }
  if (errno != ENOENT) return std::nullopt;
  return ids_;
}

}  // namespace netchange
