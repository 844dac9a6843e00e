// SPDX-License-Identifier: Apache-2.0
// The thread that reads a ring buffer. Needs root.
#include "kernel/ring_reader.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <iterator>
#include <thread>

#include "util/fd.h"

namespace netchange {
namespace {

constexpr int kRingSize = 1 << 16;

// A ring buffer, and a program that writes a record of eight bytes to it.
class Ring {
 public:
  Ring()
      : map_(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "records", 0, 0, kRingSize, nullptr)),
        program_(Load()) {}

  [[nodiscard]] int map() const { return map_.get(); }
  explicit operator bool() const { return map_ && program_; }

  void Write() const {
    const char packet[64] = {};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet));
    ASSERT_EQ(bpf_prog_test_run_opts(program_.get(), &options), 0);
    ASSERT_EQ(options.retval, 0U);
  }

 private:
  // return bpf_ringbuf_output(map, address of a zero, 8, 0)
  [[nodiscard]] Fd Load() const {
    const bpf_insn code[] = {{BPF_ST | BPF_DW | BPF_MEM, BPF_REG_10, 0, -8, 0},
                             {BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map()},
                             {0, 0, 0, 0, 0},
                             {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0},
                             {BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -8},
                             {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 8},
                             {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 0},
                             {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ringbuf_output},
                             {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    return Fd(bpf_prog_load(BPF_PROG_TYPE_XDP, "write", "GPL", code, std::size(code), nullptr));
  }

  Fd map_;
  Fd program_;
};

TEST(RingReader, ReadsEachRecordOnce) {
  const Ring ring;
  ASSERT_TRUE(ring);
  std::atomic<int> records = 0;
  auto reader =
      RingReader::Start(ring.map(), [&](const void*, std::size_t size) { records += size == 8; });
  ASSERT_TRUE(reader);
  for (int i = 0; i < 100; ++i) ring.Write();
  for (int i = 0; records < 100 && i < 1000; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  reader->reset();
  EXPECT_EQ(records, 100);
}

TEST(RingReader, GathersRecordsUntilItEnds) {
  const Ring ring;
  ASSERT_TRUE(ring);
  std::atomic<int> records = 0;
  auto reader = RingReader::Start(
      ring.map(), [&](const void*, std::size_t) { ++records; }, std::chrono::hours(1));
  ASSERT_TRUE(reader);
  for (int i = 0; i < 100; ++i) ring.Write();
  EXPECT_EQ(records, 0);
  reader->reset();
  EXPECT_EQ(records, 100);
}

}  // namespace
}  // namespace netchange
