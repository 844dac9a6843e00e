// SPDX-License-Identifier: Apache-2.0
// Links in other network namespaces, and many at once.
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "link_events.h"
#include "link_ioctl.h"

namespace netchange::test {
namespace {

int WriteInNamespace(const std::string& netns, int times) {
  MUST(EnterNetns(netns));
  for (int i = 0; i < times; ++i) {
    MUST(SetMtu("lo", 1400 + i % 2) == 0);
    MUST(SetFlags("lo", i % 2 ? IFF_LOOPBACK : IFF_LOOPBACK | IFF_UP) == 0);
    MUST(SetTxQueueLen("lo", 77) == 0);
    MUST(SetMtu("lo", 10) == 0);
    MUST(SetMtu("lo", -1) == EINVAL);
  }
  return 0;
}

TEST_F(Link, CountsEachOfFourNamespacesThatAreWrittenAtOnce) {
  const int each = Load(100);
  const std::vector<std::string> namespaces = {"ncns0", "ncns1", "ncns2", "ncns3"};
  for (const std::string& netns : namespaces)
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
  RunWriter([&] {
    std::vector<std::thread> threads;
    int failures[4] = {};
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] { failures[i] = WriteInNamespace(namespaces[i], each); });
    for (auto& thread : threads) thread.join();
    for (const int failure : failures)
      if (failure) return failure;
    return 0;
  });
  for (const std::string& netns : namespaces) {
    EXPECT_EQ(Execute({"ip", "netns", "del", netns}).status, 0);
    ExpectWrites({"mtu", "lo", "writer", netns}, 2 * each, 2 * each);
    ExpectRefused({"mtu", "lo", "writer", netns}, EINVAL, each);
    ExpectWrites({"flags", "lo", "writer", netns}, each, each);
    ExpectWrites({"txqueuelen", "lo", "writer", netns}, each, 1);
  }
}

TEST_F(Link, LosesNothingWhenTwoHundredPairsComeAndGo) {
  const int pairs = Load(200);
  std::vector<std::string> commands;
  for (int i = 0; i < pairs; ++i) {
    const std::string left = "ncl" + std::to_string(i), right = "ncr" + std::to_string(i);
    for (const std::string& command :
         {"add " + left + " type veth peer name " + right, "set " + left + " up",
          "set " + right + " up", "del " + left})
      commands.push_back("link " + command);
    ExpectWrites({"flags", left, "ip"}, 1, 1);
    ExpectWrites({"flags", right, "ip"}, 1, 1);
  }
  RunBatch("ip", commands);
}

// Such a request sets the attributes in the other namespace. The syscall backend does not follow it
// there.
TEST_F(Link, CountsSettingsOfADeviceThatIsMoved) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncmoved"}).status, 0);
  const RunResult run = Execute({"ip", "link", "set", "nct1", "netns", "ncmoved", "mtu", "1400"});
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncmoved"}).status, 0);
  if (BackendOf("link") == "syscall")
    Expect("netchange_lost_updates_total", {{"collector", "link"}});
  else
    ExpectWrites({"mtu", "nct1", "ip", "ncmoved"}, 1, 1);
}

TEST_F(Link, CountsNothingWhenADeviceIsOnlyMoved) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncmoved"}).status, 0);
  EXPECT_EQ(Execute({"ip", "link", "set", "nct1", "netns", "ncmoved"}).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncmoved"}).status, 0);
}

}  // namespace
}  // namespace netchange::test
