// SPDX-License-Identifier: Apache-2.0
// Loaded XDP programs. Needs root.
#include "kernel/xdp_programs.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "util/fd.h"

namespace netchange {
namespace {

Fd Load(bpf_prog_type type) {
  const bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                           {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  return Fd(bpf_prog_load(type, "nothing", "GPL", code, 2, nullptr));
}

std::uint32_t IdOf(const Fd& program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program.get(), &info, &size) ? 0 : info.id;
}

bool Has(XdpPrograms& programs, std::uint32_t id) {
  const auto ids = programs.Read();
  return ids && ids->contains(id);
}

TEST(XdpPrograms, AreKnownFromTheirLoadToTheirEnd) {
  XdpPrograms programs;
  Fd early = Load(BPF_PROG_TYPE_XDP);
  const std::uint32_t early_id = IdOf(early);
  ASSERT_NE(early_id, 0U);
  EXPECT_TRUE(Has(programs, early_id));
  const Fd late = Load(BPF_PROG_TYPE_XDP), other = Load(BPF_PROG_TYPE_SOCKET_FILTER);
  EXPECT_TRUE(Has(programs, IdOf(late)));
  EXPECT_TRUE(Has(programs, early_id));
  EXPECT_FALSE(Has(programs, IdOf(other)));
  early = Fd();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (Has(programs, early_id) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_FALSE(Has(programs, early_id));
  EXPECT_TRUE(Has(programs, IdOf(late)));
}

}  // namespace
}  // namespace netchange
