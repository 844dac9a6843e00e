// SPDX-License-Identifier: Apache-2.0
// The forms of netlink messages in which a request comes.
#include <fcntl.h>
#include <linux/ethtool_netlink.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ethtool_client.h"
#include "ethtool_events.h"

namespace netchange::test {
namespace {

constexpr std::uint16_t kAsk = NLM_F_REQUEST | NLM_F_ACK;

// Three requests with different results.
struct ThreeRequests {
  explicit ThreeRequests(const RawEthtoolSocket& client)
      : refused(client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk)),
        succeeds(client.Message(ETHTOOL_MSG_FEATURES_GET, "nct0", kAsk)),
        fails(client.Message(ETHTOOL_MSG_RINGS_GET, "nosuch0", kAsk)) {}
  std::string refused, succeeds, fails;
};

// 0 if the kernel answered all requests as often as they were sent.
int CheckAnswers(const RawEthtoolSocket& client, int times = 1) {
  std::vector<int> expected;
  for (int i = 0; i < times; ++i) expected.insert(expected.end(), {EOPNOTSUPP, 0, ENODEV});
  return client.TakeErrors() == expected ? 0 : 1;
}

const Command kGetFeatures = {"ETHTOOL_MSG_FEATURES_GET", "-k", "get", "netlink"};

TEST_F(Ethtool, CountsEachOfSeveralRequestsInOneCall) {
  const auto send_at_once = [] {
    const RawEthtoolSocket client;
    const ThreeRequests r(client);
    const std::string all = r.refused + r.succeeds + r.fails;
    return send(client.fd(), all.data(), all.size(), 0) < 0 ? errno : CheckAnswers(client);
  };
  EXPECT_EQ(ForkAs("asks", send_at_once).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP");
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures);
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV");
}

// Pieces that end inside a header, and inside a device name.
TEST_F(Ethtool, CountsRequestsThatAreGatheredFromPieces) {
  const auto send_in_pieces = [](auto how) {
    return [how] {
      const RawEthtoolSocket client;
      const ThreeRequests r(client);
      std::string all = r.refused + r.succeeds + r.fails;
      iovec pieces[] = {{all.data(), 9},
                        {all.data() + 9, 0},
                        {all.data() + 9, 22},
                        {all.data() + 31, all.size() - 31}};
      return how(client.fd(), pieces) < 0 ? errno : CheckAnswers(client);
    };
  };
  const auto by_writev = [](int fd, const iovec(&pieces)[4]) { return writev(fd, pieces, 4); };
  const auto by_sendmsg = [](int fd, iovec(&pieces)[4]) {
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 4;
    return sendmsg(fd, &message, 0);
  };
  EXPECT_EQ(ForkAs("asks", send_in_pieces(by_writev)).status, 0);
  EXPECT_EQ(ForkAs("asks", send_in_pieces(by_sendmsg)).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures, "", 2);
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV", 2);
}

TEST_F(Ethtool, CountsRequestsByWriteAndBySendmmsg) {
  const auto send_otherwise = [] {
    const RawEthtoolSocket client;
    const ThreeRequests r(client);
    std::string all = r.refused + r.succeeds + r.fails;
    if (write(client.fd(), all.data(), all.size()) < 0) return errno;
    iovec pieces[] = {{all.data(), r.refused.size()},
                      {all.data() + r.refused.size(), r.succeeds.size() + r.fails.size()}};
    mmsghdr messages[2] = {};
    for (int i = 0; i < 2; ++i) {
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    return sendmmsg(client.fd(), messages, 2, 0) != 2 ? errno : CheckAnswers(client, 2);
  };
  EXPECT_EQ(ForkAs("asks", send_otherwise).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures, "", 2);
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV", 2);
}

// Answers that nobody receives stay in the socket's queue. They do not belong to the next request.
TEST_F(Ethtool, DoesNotTakeAnOldAnswerForTheResult) {
  const auto ask_without_listening = [] {
    const RawEthtoolSocket client;
    const std::string fails = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk);
    const std::string succeeds = client.Message(ETHTOOL_MSG_FEATURES_GET, "nct0", NLM_F_REQUEST);
    for (const std::string& request : {fails, succeeds, fails, succeeds})
      if (send(client.fd(), request.data(), request.size(), 0) < 0) return errno;
    return 0;
  };
  EXPECT_EQ(ForkAs("asks", ask_without_listening).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures, "", 2);
}

// Requests that never become an ethtool command.
TEST_F(Ethtool, IgnoresRequestsThatAreNotCommands) {
  const auto send_what_is_none = [] {
    const RawEthtoolSocket client;
    const std::string no_request = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", 0);
    std::string longer_than_it_is = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk);
    reinterpret_cast<nlmsghdr*>(longer_than_it_is.data())->nlmsg_len += 1;
    if (send(client.fd(), no_request.data(), no_request.size(), 0) < 0) return errno;
    if (send(client.fd(), longer_than_it_is.data(), longer_than_it_is.size(), 0) < 0) return errno;
    const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), null = open("/dev/null", O_RDWR);
    const std::string request = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk);
    ifreq for_no_socket{};
    if (write(null, request.data(), request.size()) < 0) return errno;
    if (ioctl(null, SIOCETHTOOL, &for_no_socket) == 0 || errno != ENOTTY) return 1;
    if (ioctl(udp, SIOCETHTOOL, nullptr) == 0 || errno != EFAULT) return 2;
    return 0;
  };
  EXPECT_EQ(ForkAs("asks", send_what_is_none).status, 0);
}

}  // namespace
}  // namespace netchange::test
