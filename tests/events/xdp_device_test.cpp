// SPDX-License-Identifier: Apache-2.0
// Devices that are deleted, renamed, or in another namespace.
#include <cstring>

#include "xdp_events.h"

namespace netchange::test {
namespace {

// The namespace is deleted with a program in it, and a kernel worker detaches the program.
TEST_F(Xdp, FollowsAnotherNamespaceToItsEnd) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncns2"}).status, 0);
  ASSERT_EQ(Execute({"ip", "link", "set", "nct1", "netns", "ncns2"}).status, 0);
  const RunResult run = ExecuteIn("ncns2", {"ip", "link", "set", "dev", "nct1", "xdpdrv", "obj",
                                            kPrograms, "sec", "xdp/first"});
  EXPECT_EQ(run.status, 0) << run.output;
  const auto attached = Attached();
  ASSERT_EQ(attached.size(), 1U);
  EXPECT_TRUE(
      attached[0].starts_with(R"({device="nct1",netns="ncns2",mode="native",program="first_prog")"))
      << attached[0];
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncns2"}).status, 0);
  const Labels labels = {{"device", "nct1"},       {"netns", "ncns2"},
                         {"comm", "ip"},           {"parent_comm", "event_tests"},
                         {"operation", "attach"},  {"mode", "native"},
                         {"program", "first_prog"}};
  Expect("netchange_xdp_changes_total", labels);
  Labels detached = labels;
  detached[2].second = BySystemCalls() ? "unknown" : "kworker";
  detached[3].second = BySystemCalls() ? "unknown" : "kthreadd";
  detached[4].second = "device_deleted";
  Expect("netchange_xdp_changes_total", detached);
  Page page;
  for (const int at : Ports())
    EXPECT_TRUE(Eventually(at, page, [&](const Page& p) {
      return p.contains(Series("netchange_xdp_changes_total", detached));
    }));
  EXPECT_EQ(Attached(), std::vector<std::string>());
}

TEST_F(Xdp, CountsTheDetachWhenTheDeviceIsDeleted) {
  ASSERT_EQ(
      Execute({"ip", "link", "add", "ncgone0", "type", "veth", "peer", "name", "ncgone1"}).status,
      0);
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncgone0", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "ncgone0"}).status, 0);
  ExpectChange({"ncgone0", "attach", "native", "first_prog"});
  ExpectByKernel({"ncgone0", "device_deleted", "native", "first_prog", "ip"});
}

// The syscall backend finds these changes later, when the name says something else.
TEST_F(Xdp, CountsADetachAfterARename) {
  const VethPair pair("ncold", "ncpeer");
  RunLoader([] {
    const Programs programs;
    const int link = CreateLink("ncold", programs.first(), XDP_FLAGS_SKB_MODE);
    MUST(link >= 0);
    Scrape(kPort);
    MUST(Execute({"ip", "link", "set", "ncold", "name", "ncnewer"}).status == 0);
    close(link);
    return 0;
  });
  ExpectChange({"ncold", "attach", "generic", "first_prog"});
  ExpectLink("name", "ncold", {1, 1, "ip", "loader"});
  ExpectByKernel({BySystemCalls() ? "ncold" : "ncnewer", "detach", "generic", "first_prog"});
}

TEST_F(Xdp, CountsADeletionIfThereIsANewDeviceOfTheSameName) {
  const std::vector<std::string> add = {"ip",   "link", "add",  "ncgone0", "type",
                                        "veth", "peer", "name", "ncgone1"};
  ASSERT_EQ(Execute(add).status, 0);
  RunLoader([&] {
    const Programs programs;
    const int link = CreateLink("ncgone0", programs.first(), XDP_FLAGS_SKB_MODE);
    MUST(link >= 0);
    Scrape(kPort);
    MUST(Execute({"ip", "link", "del", "ncgone0"}).status == 0);
    MUST(Execute(add).status == 0);
    return 0;
  });
  ExpectChange({"ncgone0", "attach", "generic", "first_prog"});
  ExpectByKernel({"ncgone0", "device_deleted", "generic", "first_prog", "ip"}, 1, "loader");
  Page page;
  if (BySystemCalls()) Eventually(port(), page, [this](const Page& p) { return Reached(p); });
  EXPECT_EQ(Execute({"ip", "link", "del", "ncgone0"}).status, 0);
}

TEST_F(Xdp, NamesTheNamespaceOfADeviceInAnother) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncns"}).status, 0);
  ASSERT_EQ(ExecuteIn("ncns", {"ip", "link", "add", "nct0", "type", "veth", "peer", "name", "nct1"})
                .status,
            0);
  const RunResult run = ExecuteIn("ncns", {"ip", "link", "set", "dev", "nct0", "xdpdrv", "obj",
                                           kPrograms, "sec", "xdp/second"});
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(ExecuteIn("ncns", {"ip", "link", "set", "dev", "nct0", "xdpdrv", "off"}).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncns"}).status, 0);
  for (const char* operation : {"attach", "detach"}) {
    Expect("netchange_xdp_changes_total", {{"device", "nct0"},
                                           {"netns", "ncns"},
                                           {"comm", "ip"},
                                           {"parent_comm", "event_tests"},
                                           {"operation", operation},
                                           {"mode", "native"},
                                           {"program", "second_prog"}});
  }
}

}  // namespace
}  // namespace netchange::test
