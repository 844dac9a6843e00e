// SPDX-License-Identifier: Apache-2.0
// Names for links. Needs root.
#include "kernel/link_pins.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "kernel/attach.h"
#include "kernel/attach_points.h"
#include "kernel/bpf_link.h"

namespace netchange {
namespace {

std::string Mounts() {
  std::ifstream file("/proc/self/mountinfo");
  return {std::istreambuf_iterator<char>(file), {}};
}

// A program for tracepoints that returns 0.
Fd LoadProgram() {
  const bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                           {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  return Fd(bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, "nothing", "GPL", code, 2, nullptr));
}

std::uint32_t IdOf(const Fd& program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(program.get(), &info, &size) ? 0 : info.id;
}

bool Exists(std::uint32_t program) { return bool(Fd(bpf_prog_get_fd_by_id(program))); }

bool Ends(std::uint32_t program) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (Exists(program)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

class LinkPinsTest : public testing::Test {
 protected:
  // Attaches a program, of which only the link is left.
  BpfLink Attach() {
    const auto tracefs = OpenTracefs();
    const Fd program = LoadProgram();
    id_ = IdOf(program);
    auto link = AttachTracepoint(program.get(), *tracefs, "syscalls/sys_enter_getppid");
    EXPECT_TRUE(link);
    return std::move(*link);
  }

  std::uint32_t id_ = 0;
};

TEST_F(LinkPinsTest, AreMountedAtNoDirectory) {
  const std::string before = Mounts();
  EXPECT_TRUE(LinkPins::Create());
  EXPECT_EQ(Mounts(), before);
}

TEST_F(LinkPinsTest, HoldTheProgramUntilTheLinkEnds) {
  const auto pins = LinkPins::Create();
  ASSERT_TRUE(pins);
  {
    BpfLink link = Attach();
    link.Pin(pins);
    EXPECT_TRUE(Exists(id_));
  }
  EXPECT_TRUE(Ends(id_));
}

TEST_F(LinkPinsTest, EndAllTogether) {
  auto pins = LinkPins::Create();
  ASSERT_TRUE(pins);
  BpfLink one = Attach();
  const std::uint32_t first = id_;
  BpfLink two = Attach();
  one.Pin(pins);
  two.Pin(pins);
  EXPECT_TRUE(Exists(first));
  EXPECT_TRUE(Exists(id_));
  pins.reset();
  EXPECT_TRUE(Ends(first));
  EXPECT_TRUE(Ends(id_));
}

TEST_F(LinkPinsTest, EndWithTheProcess) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    BpfLink link = Attach();
    const auto pins = LinkPins::Create();
    link.Pin(pins);
    if (write(ends[1], &id_, sizeof(id_)) < 0) _exit(1);
    pause();
  }
  std::uint32_t program = 0;
  ASSERT_EQ(read(ends[0], &program, sizeof(program)), ssize_t{sizeof(program)});
  EXPECT_TRUE(Exists(program));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(Ends(program));
  close(ends[0]);
  close(ends[1]);
}

// Then the link keeps its descriptor.
TEST_F(LinkPinsTest, AreNoneWithoutTheRightToMount) {
  const pid_t child = fork();
  if (child == 0) {
    BpfLink link = Attach();
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none)) _exit(2);
    const auto pins = LinkPins::Create();
    link.Pin(pins);
    _exit(pins ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace netchange
