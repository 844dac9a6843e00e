// SPDX-License-Identifier: Apache-2.0
#include "kernel/series_expiry.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "kernel/netns_cookie.h"
#include "support.h"

namespace netchange {
namespace {

constexpr std::uint32_t kNowhere = 4026999999;

LiveNetns Own() {
  struct stat status {};
  EXPECT_EQ(stat("/proc/self/ns/net", &status), 0);
  return {static_cast<std::uint32_t>(status.st_ino), "/proc/self/ns/net"};
}

TEST(LiveDevices, KnowThoseOfALiveNamespace) {
  const LiveNetns own = Own();
  LiveDevices devices({own});
  EXPECT_FALSE(devices.IsDeleted(Device("lo", own.inode)));
  EXPECT_TRUE(devices.IsDeleted(Device("none0", own.inode)));
}

TEST(LiveDevices, KeepNamesThatStandForNoSingleDevice) {
  const LiveNetns own = Own();
  LiveDevices devices({own});
  for (const char* name : {"", "*", "all", "default"})
    EXPECT_FALSE(devices.IsDeleted(Device(name, own.inode))) << name;
}

TEST(LiveDevices, TakeEverythingOfANamespaceThatIsGoneForGone) {
  LiveDevices devices({Own()});
  for (const char* name : {"", "lo", "all"})
    EXPECT_TRUE(devices.IsDeleted(Device(name, kNowhere))) << name;
}

TEST(LiveDevices, TakeANumberThatWasGivenToAnotherNamespaceForGone) {
  const LiveNetns own = Own();
  const std::uint32_t cookie = OwnNetnsCookie();
  if (!cookie) GTEST_SKIP() << "a namespace has no cookie on this kernel";
  LiveDevices devices({own});
  device_ref device = Device("lo", own.inode);
  device.netns_cookie = cookie;
  EXPECT_FALSE(devices.IsDeleted(device));
  device.netns_cookie = cookie + 1;
  EXPECT_TRUE(devices.IsDeleted(device));
}

TEST(LiveDevices, KeepWhatNobodyCanTell) {
  LiveDevices devices({{kNowhere, "/nowhere/at/all"}});
  EXPECT_FALSE(devices.IsDeleted(Device("eth0", kNowhere))) << "may not be entered";
  EXPECT_FALSE(devices.IsDeleted(Device("eth0", 0))) << "its namespace could not be read";
  EXPECT_FALSE(devices.IsDeleted(Device("", NETNS_MACHINE))) << "of no namespace";
}

TEST(NetnsNames, ForgetsThoseThatAreNotInUse) {
  const TemporaryDirectory directory;
  NetnsNames names(directory.path(), kNowhere);
  const LiveNetns own = Own();
  ASSERT_EQ(names.Name(Device("lo", own.inode)), std::to_string(own.inode));
  std::filesystem::create_symlink("/proc/self/ns/net", directory.path() + "/blue");
  names.KeepOnly({{own.inode, 0}});
  EXPECT_EQ(names.Name(Device("lo", own.inode)), std::to_string(own.inode)) << "in use: kept";
  names.KeepOnly({});
  EXPECT_EQ(names.Name(Device("lo", own.inode)), "blue") << "looked up anew";
}

}  // namespace
}  // namespace netchange
