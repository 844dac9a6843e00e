// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_attributes.h"

#include <gtest/gtest.h>
#include <linux/ethtool_netlink.h>

namespace netchange {
namespace {

constexpr std::uint64_t Bit(int type) { return std::uint64_t{1} << type; }

TEST(DescribeAttributes, NamesWhatAMessageSets) {
  EXPECT_EQ(DescribeAttributes(ETHTOOL_MSG_RINGS_SET, Bit(ETHTOOL_A_RINGS_HEADER) |
                                                          Bit(ETHTOOL_A_RINGS_RX) |
                                                          Bit(ETHTOOL_A_RINGS_TX)),
            "rx, tx");
  EXPECT_EQ(DescribeAttributes(ETHTOOL_MSG_RINGS_SET, Bit(ETHTOOL_A_RINGS_HEADER)), "");
  EXPECT_EQ(DescribeAttributes(ETHTOOL_MSG_RINGS_SET, 0), "");
}

// Each table is a list without numbers. So an entry too much or too few shows at its last one.
TEST(DescribeAttributes, AgreesWithTheHeader) {
  const auto name = [](int message, int type) {
    return DescribeAttributes(static_cast<std::uint32_t>(message), Bit(type));
  };
  EXPECT_EQ(name(ETHTOOL_MSG_LINKINFO_SET, ETHTOOL_A_LINKINFO_TRANSCEIVER), "transceiver");
  EXPECT_EQ(name(ETHTOOL_MSG_LINKMODES_SET, ETHTOOL_A_LINKMODES_LANES), "lanes");
  EXPECT_EQ(name(ETHTOOL_MSG_DEBUG_SET, ETHTOOL_A_DEBUG_MSGMASK), "msgmask");
  EXPECT_EQ(name(ETHTOOL_MSG_WOL_SET, ETHTOOL_A_WOL_SOPASS), "sopass");
  EXPECT_EQ(name(ETHTOOL_MSG_FEATURES_SET, ETHTOOL_A_FEATURES_NOCHANGE), "nochange");
  EXPECT_EQ(name(ETHTOOL_MSG_PRIVFLAGS_SET, ETHTOOL_A_PRIVFLAGS_FLAGS), "flags");
  EXPECT_EQ(name(ETHTOOL_MSG_RINGS_SET, ETHTOOL_A_RINGS_TX_PUSH), "tx-push");
  EXPECT_EQ(name(ETHTOOL_MSG_CHANNELS_SET, ETHTOOL_A_CHANNELS_COMBINED_COUNT), "combined-count");
  EXPECT_EQ(name(ETHTOOL_MSG_COALESCE_SET, ETHTOOL_A_COALESCE_USE_CQE_MODE_RX), "use-cqe-mode-rx");
  EXPECT_EQ(name(ETHTOOL_MSG_PAUSE_SET, ETHTOOL_A_PAUSE_TX), "tx");
  EXPECT_EQ(name(ETHTOOL_MSG_EEE_SET, ETHTOOL_A_EEE_TX_LPI_TIMER), "tx-lpi-timer");
  EXPECT_EQ(name(ETHTOOL_MSG_FEC_SET, ETHTOOL_A_FEC_ACTIVE), "active");
  EXPECT_EQ(name(ETHTOOL_MSG_MODULE_SET, ETHTOOL_A_MODULE_POWER_MODE), "power-mode");
}

TEST(DescribeAttributes, NumbersWhatTheTableDoesNotHave) {
  EXPECT_EQ(DescribeAttributes(ETHTOOL_MSG_WOL_SET, Bit(2) | Bit(63)), "modes, attribute 63");
  EXPECT_EQ(DescribeAttributes(200, Bit(2)), "attribute 2");
}

}  // namespace
}  // namespace netchange
