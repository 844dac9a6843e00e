// SPDX-License-Identifier: Apache-2.0
#include "kernel/xdp_programs.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <cerrno>

#include "util/fd.h"

namespace netchange {
namespace {

// False only if it is certain: it has another type, or is gone.
bool MayBeXdp(std::uint32_t id) {
  const Fd program(bpf_prog_get_fd_by_id(id));
  if (!program) return errno != ENOENT;
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program.get(), &info, &size) || info.type == BPF_PROG_TYPE_XDP;
}

}  // namespace

bool XdpPrograms::AnyNew() {
  bool any = false;
  while (!bpf_prog_get_next_id(newest_, &newest_)) any |= MayBeXdp(newest_);
  return any || errno != ENOENT;
}

}  // namespace netchange
