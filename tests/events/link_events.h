// SPDX-License-Identifier: Apache-2.0
// Writes to settings of links, by real programs and by a process "writer", and the counters to
// expect.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>

#include "config_writes.h"

namespace netchange::test {

// A qdisc request with only a header. Returns 0 or the errno of the answer.
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

class Link : public ConfigWriteTest {
 protected:
  // Runs `work` in a process "writer"; `work` returns 0 for success.
  static void RunWriter(const std::function<int()>& work) {
    const RunResult run = ForkAs("writer", work);
    EXPECT_EQ(run.status, 0) << run.output;
  }

  VethPair pair_{"nct0", "nct1"};
};

}  // namespace netchange::test
