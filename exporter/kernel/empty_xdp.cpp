// SPDX-License-Identifier: Apache-2.0
#include "kernel/empty_xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <cerrno>
#include <iterator>

#include "util/fd.h"

namespace netchange {
namespace {

Status Set(const std::string& device, int program) {
  const int error = bpf_xdp_attach(static_cast<int>(if_nametoindex(device.c_str())), program,
                                   XDP_FLAGS_SKB_MODE, nullptr);
  if (error) return SystemError("set the XDP program of " + device, -error);
  return {};
}

}  // namespace

Status AttachEmptyXdp(const std::string& device, const std::string& name) {
  const bpf_insn pass[] = {
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  const Fd program(
      bpf_prog_load(BPF_PROG_TYPE_XDP, name.c_str(), "GPL", pass, std::size(pass), nullptr));
  if (!program) return SystemError("load an XDP program", errno);
  return Set(device, program.get());
}

Status DetachXdp(const std::string& device) { return Set(device, -1); }

}  // namespace netchange
