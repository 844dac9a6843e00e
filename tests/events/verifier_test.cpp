// SPDX-License-Identifier: Apache-2.0
// The verifier's work, which is most of the time that the exporter takes to start. The kernel tells
// it since 5.16, and no test measures time: a change that makes the work grow fails here.
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "event_test.h"

namespace netchange::test {
namespace {

// Instructions that the verifier walks: of all programs of all collectors, and of one program.
constexpr std::uint64_t kMostOfAll = 250'000;
constexpr std::uint32_t kMostOfOne = 50'000;

TEST(Verifier, WalksFewInstructions) {
  std::string programs;
  std::uint64_t sum = 0;
  std::uint32_t most = 0;
  for (const std::uint32_t id : BpfIds(ExporterPid(), "prog_id:")) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    const int program = bpf_prog_get_fd_by_id(id);
    EXPECT_EQ(bpf_obj_get_info_by_fd(program, &info, &size), 0);
    close(program);
    sum += info.verified_insns;
    most = std::max(most, info.verified_insns);
    programs += std::string(info.name) + ' ' + std::to_string(info.verified_insns) + '\n';
  }
  EXPECT_EQ(sum > 0, KernelIsAtLeast(5, 16));
  EXPECT_LE(sum, kMostOfAll) << programs;
  EXPECT_LE(most, kMostOfOne) << programs;
}

}  // namespace
}  // namespace netchange::test
