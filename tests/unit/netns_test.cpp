// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support.h"

namespace netchange {
namespace {

std::uint32_t OwnNetns() {
  struct stat status {};
  EXPECT_EQ(stat("/proc/self/ns/net", &status), 0);
  return static_cast<std::uint32_t>(status.st_ino);
}

// An artificial /proc: each process with its namespace, each mount as a line.
class FakeProc {
 public:
  void AddProcess(const std::string& pid, const std::string& netns) const {
    std::filesystem::create_directories(Path(pid + "/ns"));
    std::filesystem::create_symlink(netns, Path(pid + "/ns/net"));
  }
  void AddKernelThreads(const std::string& comm, const std::string& pids) const {
    std::filesystem::create_directories(Path("2/task/2"));
    std::ofstream(Path("2/comm")) << comm << '\n';
    std::ofstream(Path("2/task/2/children")) << pids;
  }
  void SetMounts(const std::string& lines) const {
    std::filesystem::create_directories(Path("self"));
    std::ofstream(Path("self/mountinfo")) << lines;
  }
  [[nodiscard]] std::string Path(const std::string& name = "") const {
    return directory_.path() + "/" + name;
  }

 private:
  TemporaryDirectory directory_;
};

TEST(MayReadNetns, OnlyIfThatOfTheKernelsOwnThreadsIsShown) {
  const FakeProc proc;
  EXPECT_FALSE(MayReadNetns(proc.Path()));
  proc.AddProcess("2", "net:[4026531840]");
  EXPECT_TRUE(MayReadNetns(proc.Path()));
}

TEST(MountedNetns, FindsNamespacesAndTheirPlaces) {
  const auto found = MountedNetns(
      ParseMounts("22 1 0:21 / /proc rw shared:5 - proc proc rw\n"
                  "90 24 0:4 net:[4026532100] /run/netns/blue rw shared:46 - nsfs nsfs rw\n"
                  "91 24 0:4 mnt:[4026532101] /run/mnt rw - nsfs nsfs rw\n"
                  "92 24 0:4 net:[4026532102] /run/netns/with\\040space rw - nsfs nsfs rw\n"));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].inode, 4026532100u);
  EXPECT_EQ(found[0].path, "/run/netns/blue");
  EXPECT_EQ(found[1].inode, 4026532102u);
  EXPECT_EQ(found[1].path, "/run/netns/with space");
}

TEST(MountedNetns, PassesOverWhatItDoesNotUnderstand) {
  for (const char* line :
       {"", "1 2", "1 2 0:4 net:[ /a rw", "1 2 0:4 net:[] /a", "1 2 0:4 net:[x1] /a",
        "1 2 0:4 net:[99999999999] /a", "1 2 0:4 net:[12]x /a"}) {
    EXPECT_TRUE(MountedNetns(ParseMounts(line)).empty()) << line;
  }
  const auto cut = MountedNetns(ParseMounts("1 2 0:4 net:[12] /a\\04"));
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(cut[0].path, "/a\\04");
}

TEST(ListNetns, HasEachNamespaceOnceAndTheOwnOneFirst) {
  const FakeProc proc;
  proc.AddProcess("10", "net:[5]");
  proc.AddProcess("11", "net:[6]");
  proc.AddProcess("12", "net:[6]");
  proc.AddProcess("13", "net:[7]");
  proc.AddProcess("self", "net:[5]");
  proc.AddProcess("bus", "net:[9]");  // no process
  proc.SetMounts("1 2 0:4 net:[7] /run/netns/seven rw - nsfs nsfs rw\n");
  const auto found = ListNetns(proc.Path());
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].inode, 5u);
  EXPECT_EQ(found[1].inode, 7u);
  EXPECT_EQ(found[1].path, "/run/netns/seven") << "a name stays longer than a process";
  EXPECT_EQ(found[2].inode, 6u);
}

TEST(ListNetns, PassesOverKernelThreads) {
  const FakeProc proc;
  proc.AddProcess("10", "net:[5]");
  proc.AddProcess("11", "net:[6]");
  proc.AddKernelThreads("kthreadd", "3 4 10 ");
  ASSERT_EQ(ListNetns(proc.Path()).size(), 1u);
  EXPECT_EQ(ListNetns(proc.Path())[0].inode, 6u);
  proc.AddKernelThreads("init", "3 4 10 ");
  EXPECT_EQ(ListNetns(proc.Path()).size(), 2u) << "in a PID namespace, 2 is any process";
}

TEST(ListNetns, IsEmptyWithoutProc) { EXPECT_TRUE(ListNetns("/nowhere/at/all").empty()); }

TEST(ListNetns, FindsTheNamespaceOfThisProcess) {
  const auto found = ListNetns();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].inode, OwnNetns());
  EXPECT_TRUE(IsAlive(found[0]));
}

TEST(IsAlive, TellsAnotherNamespaceAtTheSamePlace) {
  EXPECT_FALSE(IsAlive({OwnNetns() + 1, "/proc/self/ns/net"}));
  EXPECT_FALSE(IsAlive({OwnNetns(), "/nowhere"}));
}

TEST(RunInNetns, RunsInTheOwnNamespaceWithoutRights) {
  bool ran = false;
  EXPECT_TRUE(RunInNetns({OwnNetns(), "/proc/self/ns/net"}, [&] { ran = OwnNetns() != 0; }));
  EXPECT_TRUE(ran);
}

TEST(RunInNetns, ReportsADeletedNamespace) {
  bool ran = false;
  const Status another = RunInNetns({OwnNetns() + 1, "/proc/self/ns/net"}, [&] { ran = true; });
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().message, "network namespace /proc/self/ns/net was deleted");
  const Status none = RunInNetns({1, "/nowhere"}, [&] { ran = true; });
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "open network namespace /nowhere: No such file or directory");
  EXPECT_FALSE(ran);
}

// A child process holds the other namespace. Without permission to create one, the test is skipped.
TEST(RunInNetns, EntersAnotherNamespaceAndLeavesTheCallerWhereItIs) {
  const std::uint32_t before = OwnNetns();
  std::uint32_t other = 0, inside = 0;
  int unshared = 0;
  std::thread([&] {
    unshared = unshare(CLONE_NEWNET) ? errno : 0;
    if (unshared) return;
    struct stat status {};
    ASSERT_EQ(stat("/proc/thread-self/ns/net", &status), 0);
    other = static_cast<std::uint32_t>(status.st_ino);
    const std::string path =
        "/proc/self/task/" +
        std::filesystem::read_symlink("/proc/thread-self").filename().string() + "/ns/net";
    const Status entered = RunInNetns({other, path}, [&] {
      struct stat here {};
      if (stat("/proc/thread-self/ns/net", &here) == 0)
        inside = static_cast<std::uint32_t>(here.st_ino);
    });
    EXPECT_TRUE(entered) << entered.error().message;
  }).join();
  if (unshared == EPERM) GTEST_SKIP() << "only root may make a network namespace";
  ASSERT_EQ(unshared, 0);
  EXPECT_NE(other, before);
  EXPECT_EQ(inside, other);
  EXPECT_EQ(OwnNetns(), before);
}

}  // namespace
}  // namespace netchange
