// SPDX-License-Identifier: Apache-2.0
// Devices that are hard to find, and texts that no write() has.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "event_test.h"
#include "link_events.h"

namespace netchange::test {
namespace {

constexpr int kDevices = 40;  // in one bucket of the kernel's hash table of 256
const std::string kMtu = "/sys/class/net/ncs0/mtu";

class LinkPaths : public EventTest {};

TEST_F(LinkPaths, FindEachOfFortyDevicesInOneHashBucket) {
  std::vector<std::string> add, change, queue, remove;
  for (int i = 0; i < kDevices; ++i) {
    const std::string name = "nch" + std::to_string(i);
    add.push_back("link add name " + name + " index " + std::to_string(100'000 + 256 * i) +
                  " type veth peer name ncp" + std::to_string(i));
    change.push_back("link set " + name + " mtu 1300 txqueuelen 500");
    queue.push_back("qdisc add dev " + name + " root pfifo");
    remove.push_back("link del " + name);
    ExpectLink("mtu", name);
    ExpectLink("txqueuelen", name);
    ExpectLink("qdisc", name, {1, 1, "tc", "event_tests"});
  }
  RunBatch("ip", add);
  RunBatch("ip", change);
  RunBatch("tc", queue);
  RunBatch("ip", remove);
}

// As `busybox cat FILE > mtu` does: the second call finds the end of the file.
int SendFile() {
  const int from = open("/tmp/mtu", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int to = open(kMtu.c_str(), O_WRONLY | O_CLOEXEC);
  MUST(from >= 0 && to >= 0 && pwrite(from, "1310\n", 5, 0) == 5);
  if (sendfile(to, from, nullptr, 4096) < 0) return 2;  // before 5.13 the file does not take it
  MUST(sendfile(to, from, nullptr, 4096) == 0);
  return 0;
}

int Splice() {
  int ends[2];
  const int to = open(kMtu.c_str(), O_WRONLY | O_CLOEXEC);
  MUST(to >= 0 && pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "1320\n", 5) == 5);
  return splice(ends[0], nullptr, to, nullptr, 4096, 0) == 5 ? 0 : 2;
}

int WriteVector() {
  char text[] = "1330\n";
  const iovec piece{text, 5};
  const int to = open(kMtu.c_str(), O_WRONLY | O_CLOEXEC);
  MUST(to >= 0 && pwritev(to, &piece, 1, 0) == 5);
  return 0;
}

TEST_F(LinkPaths, CountTextsThatAreCopiedOrInAVector) {
  const VethPair pair("ncs0", "ncs1");
  int copied = 0;
  for (const auto& write : {SendFile, Splice}) {
    const RunResult run = ForkAs("copier", write);
    ASSERT_TRUE(run.status == 0 || run.status == 2) << run.output;
    copied += run.status == 0;
  }
  if (copied) ExpectLink("mtu", "ncs0", {1.0 * copied, 1.0 * copied, "copier", "event_tests"});
  EXPECT_EQ(ForkAs("vector", WriteVector).status, 0);
  ExpectLink("mtu", "ncs0", {1, 1, "vector", "event_tests"});
}

}  // namespace
}  // namespace netchange::test
