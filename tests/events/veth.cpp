// SPDX-License-Identifier: Apache-2.0
#include "veth.h"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <memory>

namespace netchange::test {
namespace {

// The message is freed. 0, or an error of libnl.
int Send(nl_msg* message) {
  const std::unique_ptr<nl_sock, void (*)(nl_sock*)> socket(nl_socket_alloc(), nl_socket_free);
  if (const int error = nl_connect(socket.get(), NETLINK_ROUTE)) {
    nlmsg_free(message);
    return error;
  }
  return nl_send_sync(socket.get(), message);
}

nl_msg* Request(int type, int flags) {
  nl_msg* message = nlmsg_alloc_simple(type, flags);
  ifinfomsg link{};
  nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO);
  return message;
}

}  // namespace

VethPair::VethPair(std::string name, const std::string& peer) : name_(std::move(name)) {
  nl_msg* message = Request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  nla_put_string(message, IFLA_IFNAME, name_.c_str());
  nlattr* info = nla_nest_start(message, IFLA_LINKINFO);
  nla_put_string(message, IFLA_INFO_KIND, "veth");
  nlattr* data = nla_nest_start(message, IFLA_INFO_DATA);
  nlattr* other_end = nla_nest_start(message, VETH_INFO_PEER);
  ifinfomsg link{};
  nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO);
  nla_put_string(message, IFLA_IFNAME, peer.c_str());
  nla_nest_end(message, other_end);
  nla_nest_end(message, data);
  nla_nest_end(message, info);
  const int error = Send(message);
  EXPECT_EQ(error, 0) << nl_geterror(error);
}

VethPair::~VethPair() {
  nl_msg* message = Request(RTM_DELLINK, 0);
  nla_put_string(message, IFLA_IFNAME, name_.c_str());
  Send(message);  // a case may have deleted it
}

}  // namespace netchange::test
