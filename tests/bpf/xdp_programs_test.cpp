// SPDX-License-Identifier: Apache-2.0
// Loaded XDP programs. Needs root.
#include "kernel/xdp_programs.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include "util/fd.h"

namespace netchange {
namespace {

Fd Load(bpf_prog_type type) {
  const bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                           {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  return Fd(bpf_prog_load(type, "nothing", "GPL", code, 2, nullptr));
}

// Other programs of this machine may load some, too.
TEST(XdpPrograms, AreNewOnce) {
  XdpPrograms programs;
  const Fd early = Load(BPF_PROG_TYPE_XDP);
  ASSERT_TRUE(early);
  EXPECT_TRUE(programs.AnyNew());
  const Fd late = Load(BPF_PROG_TYPE_XDP);
  EXPECT_TRUE(programs.AnyNew());
  bool quiet = false;
  for (int i = 0; i < 1000 && !quiet; ++i) quiet = !programs.AnyNew();
  EXPECT_TRUE(quiet);
}

TEST(XdpPrograms, AreNoOtherPrograms) {
  XdpPrograms programs;
  bool quiet = false;
  for (int i = 0; i < 1000 && !quiet; ++i) {
    programs.AnyNew();
    const Fd other = Load(BPF_PROG_TYPE_SOCKET_FILTER);
    ASSERT_TRUE(other);
    quiet = !programs.AnyNew();
  }
  EXPECT_TRUE(quiet);
}

}  // namespace
}  // namespace netchange
