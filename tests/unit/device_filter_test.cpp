// SPDX-License-Identifier: Apache-2.0
#include "util/device_filter.h"

#include <gtest/gtest.h>

namespace netchange {
namespace {

TEST(DeviceFilter, AcceptsEveryDeviceByDefault) {
  for (const char* device : {"eth0", "veth1a2b", "lo", "wg-home", "a.b:c"}) {
    EXPECT_TRUE(DeviceFilter{}.Accepts(device)) << device;
  }
}

TEST(DeviceFilter, AcceptsOnlyWhatIsIncluded) {
  const DeviceFilter filter{{"eth*", "lo"}, {}};
  EXPECT_TRUE(filter.Accepts("eth0"));
  EXPECT_TRUE(filter.Accepts("eth"));
  EXPECT_TRUE(filter.Accepts("lo"));
  EXPECT_FALSE(filter.Accepts("veth0")) << "a pattern is for the whole name";
  EXPECT_FALSE(filter.Accepts("lo0"));
}

TEST(DeviceFilter, RefusesWhatIsExcluded) {
  const DeviceFilter filter{{}, {"veth*"}};
  EXPECT_FALSE(filter.Accepts("veth0"));
  EXPECT_TRUE(filter.Accepts("eth0"));
}

TEST(DeviceFilter, LetsExclusionWin) {
  const DeviceFilter filter{{"eth*"}, {"eth1"}};
  EXPECT_TRUE(filter.Accepts("eth0"));
  EXPECT_FALSE(filter.Accepts("eth1"));
}

TEST(DeviceFilter, KnowsTheSignsOfShellPatterns) {
  const DeviceFilter filter{{"eth?", "wlan[0-3]", "en!*", "x[!0-9]"}, {}};
  EXPECT_TRUE(filter.Accepts("eth1"));
  EXPECT_FALSE(filter.Accepts("eth10"));
  EXPECT_TRUE(filter.Accepts("wlan3"));
  EXPECT_FALSE(filter.Accepts("wlan4"));
  EXPECT_TRUE(filter.Accepts("xa"));
  EXPECT_FALSE(filter.Accepts("x1"));
}

TEST(DeviceFilter, TakesCaseAsItIs) { EXPECT_FALSE((DeviceFilter{{"ETH*"}, {}}.Accepts("eth0"))); }

TEST(DeviceFilter, AlwaysAcceptsNamesThatStandForNoSingleDevice) {
  const DeviceFilter nothing{{"eth0"}, {"*"}};
  for (const char* name : {"", "all", "default", "*"}) EXPECT_TRUE(nothing.Accepts(name)) << name;
  EXPECT_FALSE(nothing.Accepts("eth0"));
}

}  // namespace
}  // namespace netchange
