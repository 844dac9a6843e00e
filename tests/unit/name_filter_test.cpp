// SPDX-License-Identifier: Apache-2.0
#include "kernel/name_filter.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <optional>

#include "bpf/abi/filter.h"
#include "kernel/combined_filter.h"

namespace netchange {
namespace {

// The verdict of the kernel's longest-prefix map on a name.
bool KernelTakes(const CombinedFilter& filter, const std::string& name) {
  if (!filter.otherwise()) return true;
  std::optional<std::uint32_t> verdict;
  std::uint32_t longest = 0;
  const std::string whole =
      static_cast<char>(COLLECTOR_LINK) + name + std::string(FILTER_TEXT_SIZE - name.size(), '\0');
  const MapContents contents = filter.Contents("any", COLLECTOR_LINK);
  for (const auto& [bytes, value] : contents.entries.get()) {
    filter_key key{};
    EXPECT_EQ(bytes.size(), sizeof(key));
    std::memcpy(&key, bytes.data(), sizeof(key));
    EXPECT_EQ(key.prefix_bits % 8, 0u);
    const std::string pattern = bytes.substr(offsetof(filter_key, collector), key.prefix_bits / 8);
    if (!whole.starts_with(pattern)) continue;
    if (verdict && key.prefix_bits < longest) continue;
    longest = key.prefix_bits;
    verdict = 0;
    std::memcpy(&*verdict, value.data(), sizeof(*verdict));
  }
  return verdict.value_or(filter.otherwise()) == FILTER_INCLUDE;
}

// Checks that both sides give the same verdict.
bool Takes(const CombinedFilter& filter, const std::string& name) {
  const bool takes = KernelTakes(filter, name);
  EXPECT_EQ(filter.Takes(name), takes) << name;
  return takes;
}

CombinedFilter Only(const NameFilter& filter) { return {filter, {}}; }

TEST(NameFilter, TakesAllByDefault) {
  const CombinedFilter filter{{}, {}};
  EXPECT_EQ(filter.otherwise(), 0);
  EXPECT_TRUE(filter.Contents("device_filter", COLLECTOR_LINK).entries.get().empty());
  EXPECT_EQ(filter.Contents("device_filter", COLLECTOR_LINK).map, "device_filter");
}

TEST(NameFilter, TakesOnlyWhatIsIncluded) {
  const CombinedFilter filter = Only({{"eth*", "lo"}, {}});
  for (const char* name : {"eth0", "eth", "lo"}) EXPECT_TRUE(Takes(filter, name)) << name;
  for (const char* name : {"veth0", "lo0", "l", "ETH0"}) EXPECT_FALSE(Takes(filter, name)) << name;
}

TEST(NameFilter, TakesAllButWhatIsExcluded) {
  const CombinedFilter filter = Only({{}, {"veth*", "eth1"}});
  for (const char* name : {"eth0", "eth10", "lo"}) EXPECT_TRUE(Takes(filter, name)) << name;
  for (const char* name : {"veth", "veth0", "eth1"}) EXPECT_FALSE(Takes(filter, name)) << name;
}

TEST(NameFilter, LetsTheLongestPatternDecide) {
  const CombinedFilter filter = Only({{"eth*", "eth1.5"}, {"eth1*", "*"}});
  EXPECT_TRUE(Takes(filter, "eth0"));
  EXPECT_FALSE(Takes(filter, "eth1"));
  EXPECT_FALSE(Takes(filter, "eth1.50"));
  EXPECT_TRUE(Takes(filter, "eth1.5"));
  EXPECT_FALSE(Takes(filter, "lo"));
}

TEST(NameFilter, TakesTheRestIfItIncludesOnlyExceptions) {
  const CombinedFilter filter = Only({{"lxcbr0"}, {"veth*", "lxc*"}});
  for (const char* name : {"lxcbr0", "eth0", "lx"}) EXPECT_TRUE(Takes(filter, name)) << name;
  for (const char* name : {"lxc1a2b3c", "lxcbr1", "veth0"})
    EXPECT_FALSE(Takes(filter, name)) << name;
  EXPECT_FALSE(Takes(Only({{"lxcbr0", "br0"}, {"lxc*"}}), "eth0"));
}

TEST(NameFilter, TakesTheDeviceOfASettingAsPartOfItsName) {
  const CombinedFilter filter = Only({{"net.ipv4.conf.*.rp_filter", "net.core.*"}, {}});
  EXPECT_TRUE(Takes(filter, "net.ipv4.conf.*.rp_filter"));
  EXPECT_FALSE(Takes(filter, "net.ipv4.conf.*.forwarding"));
  EXPECT_TRUE(Takes(filter, "net.core.somaxconn"));
}

TEST(NameFilter, AddsTheSpecialOneToTheGeneralOne) {
  const CombinedFilter filter{{{"eth*", "veth*"}, {"eth9"}}, {{}, {"veth*"}}};
  EXPECT_TRUE(Takes(filter, "eth0"));
  EXPECT_FALSE(Takes(filter, "eth9"));
  EXPECT_FALSE(Takes(filter, "veth0")) << "of the same pattern the special one holds";
  EXPECT_FALSE(Takes(filter, "lo"));
}

TEST(NameFilter, TakesWhatNamesNoSingleDevice) {
  const CombinedFilter filter = Only({{}, {"*", "all", "default"}});
  for (const char* name : {"", "*", "all", "default"}) EXPECT_TRUE(filter.Takes(name)) << name;
  EXPECT_FALSE(filter.Takes("eth0"));
}

TEST(DevicePattern, HasAStarOnlyAtItsEnd) {
  for (const char* pattern : {"eth0", "veth*", "*", "eth0.100", "a-b_c"})
    EXPECT_TRUE(CheckDevicePattern(pattern)) << pattern;
  for (const char* pattern : {"", "*eth", "e*h0", "eth**", "eth?", "eth[0-3]", "eth\\0"})
    EXPECT_FALSE(CheckDevicePattern(pattern)) << pattern;
  EXPECT_TRUE(CheckDevicePattern(std::string(FILTER_TEXT_SIZE - 1, 'x')));
  EXPECT_FALSE(CheckDevicePattern(std::string(FILTER_TEXT_SIZE, 'x')));
}

TEST(SettingPattern, MayNameTheDeviceByAStar) {
  for (const char* pattern : {"net.*", "net.ipv4.conf.*.rp_filter", "net.ipv4.conf.*.*", "mtu"})
    EXPECT_TRUE(CheckSettingPattern(pattern)) << pattern;
  for (const char* pattern : {"net.*v4.x", "*.x", "net.ipv*.conf", "net.**", "net.ipv?.x"})
    EXPECT_FALSE(CheckSettingPattern(pattern)) << pattern;
}

}  // namespace
}  // namespace netchange
