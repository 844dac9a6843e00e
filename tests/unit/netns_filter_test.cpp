// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_filter.h"

#include <gtest/gtest.h>

#include <string>

#include "support.h"

namespace netchange {
namespace {

constexpr std::uint32_t kInitial = 4026531840, kContainer = 4026999999;

struct Taken {
  bool initial, container;
  bool operator==(const Taken&) const = default;
};

Taken TakenBy(const NameFilter& general, const NameFilter& special) {
  const NetnsFilter filter(general, special);
  NetnsNames names("/nowhere", kInitial);
  return {filter.Takes(Device("eth0", kInitial), names),
          filter.Takes(Device("eth0", kContainer), names)};
}

const std::string kNumber = std::to_string(kContainer);
const NameFilter kNone, kNamed{{"initial", "named"}, {}};

TEST(NetnsFilter, TakesEveryNamespaceWithoutPatterns) {
  EXPECT_EQ(TakenBy(kNone, kNone), (Taken{true, true}));
}

TEST(NetnsFilter, TakesWhatBothFiltersTake) {
  EXPECT_EQ(TakenBy(kNone, kNamed), (Taken{true, false}));
  EXPECT_EQ(TakenBy({{"initial"}, {}}, kNamed), (Taken{true, false}));
  EXPECT_EQ(TakenBy({{}, {"initial"}}, kNamed), (Taken{false, false}));
  EXPECT_EQ(TakenBy({{kNumber}, {}}, kNamed), (Taken{false, false}));
  EXPECT_EQ(TakenBy({{kNumber}, {}}, kNone), (Taken{false, true}));
  EXPECT_EQ(TakenBy({{"initial", kNumber}, {}}, {{}, {"initial"}}), (Taken{false, true}));
}

TEST(NetnsFilter, TakesWhatBelongsToNoNamespace) {
  const NetnsFilter filter({{"named"}, {}}, {});
  NetnsNames names("/nowhere", kInitial);
  EXPECT_TRUE(filter.Takes(Device("", NETNS_MACHINE), names));
  EXPECT_TRUE(filter.Takes(Device("", 0), names));
}

}  // namespace
}  // namespace netchange
