// SPDX-License-Identifier: Apache-2.0
// Writes to settings of links: made by real programs and by a process "writer", then expected of
// the counters.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <functional>

#include "event_test.h"

namespace netchange::test {

// A request for a queueing discipline with nothing but its header; 0 or the errno of the answer.
inline int QdiscRequest(int type, int ifindex, std::uint32_t parent, std::uint32_t handle = 0) {
  struct {
    nlmsghdr header;
    tcmsg body;
  } request{};
  request.header = {sizeof(request), static_cast<__u16>(type), NLM_F_REQUEST | NLM_F_ACK, 1, 0};
  request.body.tcm_ifindex = ifindex;
  request.body.tcm_parent = parent;
  request.body.tcm_handle = handle;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  char answer[8192] = {};
  int error = EIO;
  if (send(fd, &request, sizeof(request), 0) == sizeof(request) &&
      recv(fd, answer, sizeof(answer), 0) >= static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) {
    const auto* header = reinterpret_cast<const nlmsghdr*>(answer);
    error = header->nlmsg_type == NLMSG_ERROR
                ? -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error
                : 0;
  }
  close(fd);
  return error;
}

#define MUST(condition)                                                      \
  if (!(condition)) {                                                        \
    std::printf("line %d: not %s, errno %d\n", __LINE__, #condition, errno); \
    return 1;                                                                \
  }

// Several commands of ip(8) or tc(8), by one process.
inline void RunBatch(const std::string& program, const std::vector<std::string>& commands) {
  std::ofstream file("/tmp/batch");
  for (const std::string& command : commands) file << command << "\n";
  file.close();
  const RunResult run = Execute({program, "-batch", "/tmp/batch"});
  EXPECT_EQ(run.status, 0) << run.output;
}

class Link : public EventTest {
 protected:
  struct Write {
    std::string setting;
    std::string device = "nct0";
    std::string comm = "writer";
    std::string netns = "";
  };

  static Labels LabelsOf(const Write& w, const std::string& error = "") {
    return {{"device", w.device}, {"netns", w.netns},
            {"comm", w.comm},     {"parent_comm", "event_tests"},
            {"kind", "link"},     {"setting", w.setting},
            {"errno", error}};
  }

  void ExpectWrites(const Write& w, double writes, double changes) {
    Expect("netchange_config_writes_total", LabelsOf(w), writes);
    if (changes) Expect("netchange_config_changes_total", LabelsOf(w), changes);
  }

  void ExpectRefused(const Write& w, const std::string& error, double times = 1) {
    Expect("netchange_config_writes_total", LabelsOf(w), times);
    Expect("netchange_config_write_errors_total", LabelsOf(w, error), times);
  }

  static void ExpectValue(const std::string& setting, const std::string& device, double value) {
    const Page page = Scrape(port());
    const auto found = page.find(Series(
        "netchange_config_value", {{"kind", "link"}, {"setting", setting}, {"device", device}}));
    ASSERT_NE(found, page.end()) << setting;
    EXPECT_EQ(found->second, value) << setting;
  }

  // In a process of its own; what it returns is 0 if all was as it should be.
  static void RunWriter(const std::function<int()>& work) {
    const RunResult run = ForkAs("writer", work);
    EXPECT_EQ(run.status, 0) << run.output;
  }

  VethPair pair_{"nct0", "nct1"};
};

}  // namespace netchange::test
