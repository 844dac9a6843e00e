// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_names.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <set>

#include "support.h"

namespace netchange {
namespace {

constexpr std::uint32_t kOther = 4026999999;

std::uint32_t InodeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return static_cast<std::uint32_t>(status.st_ino);
}

std::uint32_t OwnNetns() { return InodeOf("/proc/self/ns/net"); }

device_ref In(std::uint32_t netns, std::uint32_t cookie = 0) {
  device_ref device = Device("eth0", netns);
  device.netns_cookie = cookie;
  return device;
}

// `ip netns` mounts a namespace on a file. A link to the namespace works too, and needs no
// capability.
void GiveName(const TemporaryDirectory& directory, const std::string& name) {
  std::filesystem::create_symlink("/proc/self/ns/net", directory.path() + "/" + name);
}

TEST(NetnsNames, HasNoNameForTheInitialNamespace) {
  const TemporaryDirectory directory;
  NetnsNames names(directory.path(), OwnNetns());
  EXPECT_EQ(names.Name(In(OwnNetns())), "");
  GiveName(directory, "named");
  EXPECT_EQ(names.Name(In(OwnNetns())), "") << "also where it has a name";
}

TEST(NetnsNames, NamesANamespaceByItsNumberWhereItHasNoName) {
  const TemporaryDirectory directory;
  GiveName(directory, "another");
  NetnsNames names(directory.path(), OwnNetns() + 1);
  EXPECT_EQ(names.Name(In(kOther)), "4026999999");
}

TEST(NetnsNames, NamesANamespaceByItsName) {
  const TemporaryDirectory directory;
  GiveName(directory, "blue");
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.Name(In(OwnNetns())), "blue");
}

TEST(NetnsNames, SaysUnknownForNumberZero) {
  const TemporaryDirectory directory;
  EXPECT_EQ(NetnsNames(directory.path(), kOther).Name(In(0)), "unknown");
  EXPECT_EQ(NetnsNames(directory.path(), 0).Name(In(0)), "unknown") << "initial one unknown too";
}

TEST(NetnsNames, NamesAllWhereTheInitialOneIsUnknown) {
  const TemporaryDirectory directory;
  NetnsNames names(directory.path(), 0);
  EXPECT_EQ(names.Name(In(kOther)), "4026999999");
}

TEST(NetnsNames, IgnoresAPlainFile) {
  const TemporaryDirectory directory;
  const std::uint32_t inode = InodeOf(directory.File("green", ""));
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.Name(In(inode)), std::to_string(inode));
}

TEST(NetnsNames, IgnoresADanglingLink) {
  const TemporaryDirectory directory;
  std::filesystem::create_symlink("/nowhere", directory.path() + "/0");
  GiveName(directory, "blue");
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.Name(In(OwnNetns())), "blue");
}

TEST(NetnsNames, KeepsTheNameOfADeletedNamespace) {
  const TemporaryDirectory directory;
  GiveName(directory, "blue");
  NetnsNames names(directory.path(), kOther);
  ASSERT_EQ(names.Name(In(OwnNetns(), 7)), "blue");
  std::filesystem::rename(directory.path() + "/blue", directory.path() + "/red");
  EXPECT_EQ(names.Name(In(OwnNetns(), 7)), "blue");
  std::filesystem::remove(directory.path() + "/red");
  EXPECT_EQ(names.Name(In(OwnNetns(), 7)), "blue");
}

TEST(NetnsNames, KeepsANumberThatGetsANameLater) {
  const TemporaryDirectory directory;
  NetnsNames names(directory.path(), kOther);
  const std::string number = std::to_string(OwnNetns());
  ASSERT_EQ(names.Name(In(OwnNetns())), number);
  GiveName(directory, "late");
  EXPECT_EQ(names.Name(In(OwnNetns())), number);
}

TEST(NetnsNames, LooksUpAReusedNumberAgain) {
  const TemporaryDirectory directory;
  GiveName(directory, "old");
  NetnsNames names(directory.path(), kOther);
  ASSERT_EQ(names.Name(In(OwnNetns(), 1)), "old");
  std::filesystem::rename(directory.path() + "/old", directory.path() + "/new");
  EXPECT_EQ(names.Name(In(OwnNetns(), 2)), "new") << "another cookie";
  EXPECT_EQ(names.Name(In(OwnNetns(), 1)), "old");
}

// As if the directory had been changed long ago.
void Age(const TemporaryDirectory& directory) {
  std::filesystem::last_write_time(
      directory.path(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
}

TEST(NetnsNames, ReadsTheDirectoryOnceForManyNamespaces) {
  const TemporaryDirectory directory;
  GiveName(directory, "blue");
  Age(directory);
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.walks(), 0U);
  for (std::uint32_t inode = 1000; inode < 2000; ++inode)
    EXPECT_EQ(names.Name(In(inode)), std::to_string(inode));
  EXPECT_EQ(names.Name(In(OwnNetns())), "blue");
  EXPECT_EQ(names.walks(), 1U);
}

TEST(NetnsNames, ReadsTheDirectoryAgainAfterAChange) {
  const TemporaryDirectory directory;
  Age(directory);
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.Name(In(1000)), "1000");
  GiveName(directory, "blue");
  EXPECT_EQ(names.Name(In(OwnNetns())), "blue");
  EXPECT_EQ(names.walks(), 2U);
}

// `ip netns add` creates a plain file, which changes the directory, and then mounts the namespace,
// which does not.
TEST(NetnsNames, FindsANamespaceThatIsMountedAfterTheDirectoryWasRead) {
  const TemporaryDirectory directory, elsewhere;
  std::filesystem::create_symlink(elsewhere.path() + "/target", directory.path() + "/late");
  Age(directory);
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.Name(In(1000)), "1000");
  GiveName(elsewhere, "target");
  EXPECT_EQ(names.Name(In(OwnNetns())), "late");
  EXPECT_EQ(names.walks(), 1U);
}

TEST(NetnsNames, MakesNamesPrintable) {
  const TemporaryDirectory directory;
  GiveName(directory, "a\n\x1b\xff");
  NetnsNames names(directory.path(), kOther);
  EXPECT_EQ(names.Name(In(OwnNetns())), "a\\x0a\\x1b\\xff");
}

TEST(NetnsNames, WorksWithoutADirectory) {
  NetnsNames names("/nowhere/at/all", kOther);
  EXPECT_EQ(names.Name(In(5)), "5");
}

TEST(NetnsNames, FindsTheInitialNamespaceOrSaysThatItIsUnknown) {
  std::set<std::uint32_t> shown;
  struct stat status {};
  for (const char* path : {"/proc/1/ns/net", "/proc/2/ns/net"}) {
    if (stat(path, &status) == 0) shown.insert(static_cast<std::uint32_t>(status.st_ino));
  }
  const std::uint32_t initial = NetnsNames::InitialNetns();
  if (shown.empty()) {
    EXPECT_EQ(initial, 0u);
  } else {
    EXPECT_TRUE(shown.contains(initial)) << initial;
  }
}

}  // namespace
}  // namespace netchange
