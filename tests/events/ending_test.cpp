// SPDX-License-Identifier: Apache-2.0
// The end of the exporter: nothing of it stays in the kernel, and no attached program delays it.
#include <bpf/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <thread>

#include "event_test.h"

namespace netchange::test {
namespace {

constexpr int kEndingPort = 10419;
// A cgroup's program, raw tracepoints and drivers' functions are theirs.
const std::set<std::string> kCollectors = {"sysctl", "xdp"};

// The kernel's name for each descriptor of a process: "anon_inode:bpf-prog".
std::multiset<std::string> Descriptors(pid_t pid) {
  std::multiset<std::string> names;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    names.insert(std::filesystem::read_symlink(entry.path(), error));
  return names;
}

// Links that the process holds by descriptors, which the kernel detaches one after the other.
std::size_t SlowLinks(pid_t pid) {
  const auto names = Descriptors(pid);
  return names.count("anon_inode:bpf_link") + names.count("anon_inode:[perf_event]");
}

// 0 if nothing is left of the exporter after `end`. A program lives as long as a link of it.
int EndsCleanly(Daemon& daemon, const std::function<void(Daemon&)>& end) {
  const auto programs = BpfIds(daemon.pid(), "prog_id:"), maps = BpfIds(daemon.pid(), "map_id:");
  MUST(!programs.empty() && !maps.empty());
  end(daemon);
  MUST(AreRemoved(programs, bpf_prog_get_fd_by_id));
  MUST(AreRemoved(maps, bpf_map_get_fd_by_id));
  return 0;
}

// Refuses to name BPF objects in a file system, for this process and its children.
bool RefusePins() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_OBJ_PIN, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

TEST(Ending, LeavesNothingAfterSigterm) {
  Daemon daemon(kEndingPort, Only(kCollectors));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  EXPECT_EQ(EndsCleanly(daemon, [](Daemon& d) { d.Stop(); }), 0);
}

TEST(Ending, LeavesNothingAfterSigkill) {
  Daemon daemon(kEndingPort, Only(kCollectors));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  EXPECT_EQ(EndsCleanly(daemon, [](Daemon& d) { d.Kill(); }), 0);
}

TEST(Ending, LeavesNothingWhereLinksCannotBePinned) {
  const RunResult run = ForkAs("refusing", [] {
    MUST(RefusePins());
    Daemon daemon(kEndingPort, Only(kCollectors));
    MUST(daemon.WaitUntilReady());
    MUST(SlowLinks(daemon.pid()) > 0);
    return EndsCleanly(daemon, [](Daemon& d) { d.Stop(); });
  });
  EXPECT_EQ(run.status, 0) << run.output;
}

// Each link's descriptor would delay the end. Nothing of libbpf is kept: it would hold a descriptor
// of the object's types.
TEST(Ending, WaitsForNoLink) {
  Daemon daemon(kEndingPort, Only(kCollectors));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  const auto names = Descriptors(daemon.pid());
  EXPECT_EQ(names.count("anon_inode:bpf_link"), 0U);
  // There, the end of the file system with their names would wait for each.
  const bool needs_holder = KernelIsAtLeast(5, 12) && !KernelIsAtLeast(6, 5);
  EXPECT_EQ(names.count("anon_inode:[io_uring]"), needs_holder ? 1U : 0U);
  // Before 5.15 a perf event has no link, so no name can hold a kprobe or a tracepoint.
  if (KernelIsAtLeast(5, 15)) {
    EXPECT_EQ(names.count("anon_inode:[perf_event]"), 0U);
  }
  EXPECT_EQ(names.count("anon_inode:btf"), 0U);
  daemon.Stop();
}

// A call sleeps in a function from which the kernel detaches this exporter. With fexit, the kernel
// skips the exit program of the shared exporter, too.
TEST(Ending, LosesNoCallOfAnotherExporterUncounted) {
  SKIP_WITHOUT_DEVICE("sfp0");
  Daemon daemon(kEndingPort, Only({"ethtool"}));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  const Page before = Scrape(kPort);
  std::thread blinking([] { EXPECT_EQ(Execute({"ethtool", "-p", "sfp0", "2"}).status, 0); });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  daemon.Stop();
  EXPECT_TRUE(AllTracingProgramsAreOfChildren());
  blinking.join();
  const Page after = Scrape(kPort);
  double counted = 0;
  for (const auto& [series, value] : after) {
    const bool command = series.starts_with("netchange_ethtool_commands_total{") &&
                         series.find("command=\"ETHTOOL_PHYS_ID\"") != std::string::npos;
    if (!command && series != "netchange_lost_updates_total{collector=\"ethtool\"}") continue;
    const auto earlier = before.find(series);
    counted += value - (earlier == before.end() ? 0 : earlier->second);
  }
  EXPECT_EQ(counted, 1);
}

}  // namespace
}  // namespace netchange::test
