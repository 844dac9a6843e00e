// SPDX-License-Identifier: Apache-2.0
// Link requests sent in unusual ways, and writes that reach no device.
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "link_events.h"

namespace netchange::test {
namespace {

// RTM_SETLINK with an MTU.
struct MtuRequest {
  nlmsghdr header;
  ifinfomsg link;
  rtattr attribute;
  std::uint32_t mtu;
};

MtuRequest MtuOf(const char* device, std::uint32_t mtu, std::uint16_t flags = NLM_F_REQUEST) {
  MtuRequest request{};
  request.header = {sizeof(request), RTM_SETLINK, flags, 1, 0};
  request.link.ifi_index = static_cast<int>(if_nametoindex(device));
  request.attribute = {sizeof(request.attribute) + sizeof(request.mtu), IFLA_MTU};
  request.mtu = mtu;
  return request;
}

int RouteSocket() { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

class LinkRequest : public Link {
 protected:
  static bool BySystemCalls() { return BackendOf("link") == "syscall"; }
  // From a page of a file that the process has not read yet.
  static void SendFromUnusedPage(const MtuRequest& request) {
    const std::string file = "/tmp/netchange-request";
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(&request), sizeof(request));
    RunWriter([&] {
      const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
      const void* memory = mmap(nullptr, sizeof(request), PROT_READ, MAP_PRIVATE, fd, 0);
      MUST(memory != MAP_FAILED);
      MUST(send(RouteSocket(), memory, sizeof(request), 0) == sizeof(request));
      return 0;
    });
    unlink(file.c_str());
  }
};

TEST_F(LinkRequest, CountsWhateverCallSendsIt) {
  RunWriter([] {
    const int fd = RouteSocket();
    MtuRequest request = MtuOf("nct0", 1401);
    MUST(write(fd, &request, sizeof(request)) == sizeof(request));
    request = MtuOf("nct0", 1402);
    iovec piece = {&request, sizeof(request)};
    MUST(writev(fd, &piece, 1) == sizeof(request));
    request = MtuOf("nct0", 1403);
    mmsghdr message{};
    message.msg_hdr.msg_iov = &piece;
    message.msg_hdr.msg_iovlen = 1;
    MUST(sendmmsg(fd, &message, 1, 0) == 1);
    request = MtuOf("nct0", 1404);
    MUST(sendmsg(fd, &message.msg_hdr, 0) == sizeof(request));
    request = MtuOf("nct0", 1405);
    MUST(send(fd, &request, sizeof(request), 0) == sizeof(request));
    return 0;
  });
  ExpectWrites({"mtu", "nct0"}, 5, 5);
}

// The kernel ignores such a message.
TEST_F(LinkRequest, IgnoresAMessageThatIsNoRequest) {
  const std::string before = ReadFile("/sys/class/net/nct0/mtu");
  RunWriter([] {
    const MtuRequest request = MtuOf("nct0", 1401, NLM_F_ACK);
    MUST(send(RouteSocket(), &request, sizeof(request), 0) == sizeof(request));
    return 0;
  });
  EXPECT_EQ(ReadFile("/sys/class/net/nct0/mtu"), before);
}

// A program's constant data is read from its file when it is used for the first time. At the entry
// of the system call it is not in memory, and the syscall backend cannot read it.
TEST_F(LinkRequest, IsNotSilentlyMissedIfItsPageIsNotInMemory) {
  SendFromUnusedPage(MtuOf("nct0", 1401));
  EXPECT_EQ(ReadFile("/sys/class/net/nct0/mtu"), "1401\n");
  if (BySystemCalls())
    Expect("netchange_lost_updates_total", {{"collector", "link"}});
  else
    ExpectWrites({"mtu", "nct0"}, 1, 1);
}

// Other messages of the same socket are not lost, and do not look like it.
TEST_F(LinkRequest, LosesNothingOfOtherMessages) {
  MtuRequest request = MtuOf("nct0", 1401);
  request.header.nlmsg_type = RTM_GETLINK;
  SendFromUnusedPage(request);
}

TEST_F(LinkRequest, IgnoresAWriteToTheFileOfADeletedDevice) {
  ASSERT_EQ(
      Execute({"ip", "link", "add", "ncgone0", "type", "veth", "peer", "name", "ncgone1"}).status,
      0);
  RunWriter([] {
    const int mtu = open("/sys/class/net/ncgone0/mtu", O_WRONLY | O_CLOEXEC);
    const int rps = open("/sys/class/net/ncgone0/queues/rx-0/rps_cpus", O_WRONLY | O_CLOEXEC);
    MUST(mtu >= 0 && rps >= 0);
    MUST(Execute({"ip", "link", "del", "ncgone0"}).status == 0);
    MUST(write(mtu, "1401", 4) < 0 && errno == ENODEV);
    MUST(write(rps, "1", 1) < 0 && errno == ENODEV);
    return 0;
  });
}

}  // namespace
}  // namespace netchange::test
