// SPDX-License-Identifier: Apache-2.0
#include "kernel/xdp_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <memory>

namespace netchange {
namespace {

using testing::ElementsAre;

using Message = std::unique_ptr<nl_msg, decltype(&nlmsg_free)>;

Message NewLink(int ifindex) {
  Message message(nlmsg_alloc_simple(RTM_NEWLINK, 0), nlmsg_free);
  ifinfomsg link{};
  link.ifi_index = ifindex;
  EXPECT_EQ(nlmsg_append(message.get(), &link, sizeof(link), NLMSG_ALIGNTO), 0);
  return message;
}

TEST(ParseXdpLink, ReadsEachMode) {
  const Message message = NewLink(7);
  nla_put_string(message.get(), IFLA_IFNAME, "eth0");
  nla_put_u32(message.get(), IFLA_MASTER, 3);
  nlattr* xdp = nla_nest_start(message.get(), IFLA_XDP);
  nla_put_u8(message.get(), IFLA_XDP_ATTACHED, XDP_ATTACHED_MULTI);
  nla_put_u32(message.get(), IFLA_XDP_SKB_PROG_ID, 11);
  nla_put_u32(message.get(), IFLA_XDP_DRV_PROG_ID, 12);
  nla_put_u32(message.get(), IFLA_XDP_HW_PROG_ID, 13);
  nla_nest_end(message.get(), xdp);
  const XdpLink link = ParseXdpLink(nlmsg_hdr(message.get()));
  EXPECT_EQ(link.ifindex, 7u);
  EXPECT_EQ(link.master, 3u);
  EXPECT_EQ(link.name, "eth0");
  EXPECT_THAT(link.programs, ElementsAre(11, 12, 13));
}

TEST(ParseXdpLink, TakesALinkWithoutXdp) {
  const Message message = NewLink(7);
  const XdpLink link = ParseXdpLink(nlmsg_hdr(message.get()));
  EXPECT_EQ(link.ifindex, 7u);
  EXPECT_EQ(link.name, "");
  EXPECT_THAT(link.programs, ElementsAre(0, 0, 0));
}

TEST(ParseXdpLink, DoesNotReadBehindShortAttributes) {
  const Message message = NewLink(7);
  nla_put(message.get(), IFLA_IFNAME, 3, "abc");
  nla_put(message.get(), IFLA_MASTER, 2, "\1\1");
  const XdpLink link = ParseXdpLink(nlmsg_hdr(message.get()));
  EXPECT_EQ(link.name, "abc");
  EXPECT_EQ(link.master, 0u);
}

TEST(PassToPorts, GivesTheNativeProgramToPorts) {
  std::vector<XdpLink> links = {
      {1, 0, "bond", {21, 22, 23}, false},   {2, 1, "port", {}, false},
      {3, 1, "own", {0, 31, 0}, false},      {4, 0, "plain", {}, false},
      {5, 9, "master elsewhere", {}, false}, {6, 4, "port of plain", {}, false},
  };
  PassToPorts(links);
  EXPECT_THAT(links[0].programs, ElementsAre(21, 22, 23));
  EXPECT_THAT(links[1].programs, ElementsAre(0, 22, 0));
  EXPECT_TRUE(links[1].from_upper);
  EXPECT_THAT(links[2].programs, ElementsAre(0, 31, 0));
  for (const std::size_t i : {2, 3, 4, 5}) EXPECT_FALSE(links[i].from_upper) << i;
  for (const std::size_t i : {3, 4, 5}) EXPECT_THAT(links[i].programs, ElementsAre(0, 0, 0)) << i;
}

TEST(ReadXdpLinks, FindsTheDevicesOfThisNamespace) {
  const auto links = ReadXdpLinks();
  ASSERT_TRUE(links) << links.error().message;
  const auto lo = std::find_if(links->begin(), links->end(),
                               [](const XdpLink& link) { return link.name == "lo"; });
  ASSERT_NE(lo, links->end());
  EXPECT_EQ(lo->ifindex, if_nametoindex("lo"));
}

}  // namespace
}  // namespace netchange
