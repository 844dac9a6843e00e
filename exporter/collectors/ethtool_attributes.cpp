// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_attributes.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

namespace netchange {
namespace {

using Names = std::span<const std::string_view>;

// From type 2 on: type 1 is the header in every message.
constexpr std::uint32_t kFirst = 2;
constexpr std::string_view kLinkInfo[] = {"port", "phyaddr", "tp-mdix", "tp-mdix-ctrl",
                                          "transceiver"};
constexpr std::string_view kLinkModes[] = {
    "autoneg", "ours",         "peer", "speed", "duplex", "master-slave-cfg", "master-slave-state",
    "lanes",   "rate-matching"};
constexpr std::string_view kDebug[] = {"msgmask"};
constexpr std::string_view kWol[] = {"modes", "sopass"};
constexpr std::string_view kFeatures[] = {"hw", "wanted", "active", "nochange"};
constexpr std::string_view kPrivFlags[] = {"flags"};
constexpr std::string_view kRings[] = {
    "rx-max",     "rx-mini-max",   "rx-jumbo-max", "tx-max",          "rx",
    "rx-mini",    "rx-jumbo",      "tx",           "rx-buf-len",      "tcp-data-split",
    "cqe-size",   "tx-push",       "rx-push",      "tx-push-buf-len", "tx-push-buf-len-max",
    "hds-thresh", "hds-thresh-max"};
constexpr std::string_view kChannels[] = {"rx-max",   "tx-max",   "other-max",   "combined-max",
                                          "rx-count", "tx-count", "other-count", "combined-count"};
constexpr std::string_view kCoalesce[] = {
    "rx-usecs",           "rx-max-frames",        "rx-usecs-irq",       "rx-max-frames-irq",
    "tx-usecs",           "tx-max-frames",        "tx-usecs-irq",       "tx-max-frames-irq",
    "stats-block-usecs",  "use-adaptive-rx",      "use-adaptive-tx",    "pkt-rate-low",
    "rx-usecs-low",       "rx-max-frames-low",    "tx-usecs-low",       "tx-max-frames-low",
    "pkt-rate-high",      "rx-usecs-high",        "rx-max-frames-high", "tx-usecs-high",
    "tx-max-frames-high", "rate-sample-interval", "use-cqe-mode-tx",    "use-cqe-mode-rx",
    "tx-aggr-max-bytes",  "tx-aggr-max-frames",   "tx-aggr-time-usecs", "rx-profile",
    "tx-profile"};
constexpr std::string_view kPause[] = {"autoneg", "rx", "tx", "stats", "stats-src"};
constexpr std::string_view kEee[] = {"modes-ours", "modes-peer",     "active",
                                     "enabled",    "tx-lpi-enabled", "tx-lpi-timer"};
constexpr std::string_view kFec[] = {"modes", "auto", "active", "stats"};
constexpr std::string_view kModule[] = {"power-mode-policy", "power-mode"};
constexpr std::string_view kPlca[] = {"version", "enabled", "status",    "node-cnt",
                                      "node-id", "to-tmr",  "burst-cnt", "burst-tmr"};
constexpr std::string_view kMm[] = {
    "pmac-enabled",   "tx-enabled",    "tx-active",   "tx-min-frag-size", "rx-min-frag-size",
    "verify-enabled", "verify-status", "verify-time", "max-verify-time",  "stats"};

struct Message {
  std::uint32_t number;
  Names names;
};
constexpr Message kMessages[] = {
    {3, kLinkInfo},   {5, kLinkModes}, {8, kDebug},     {10, kWol},      {12, kFeatures},
    {14, kPrivFlags}, {16, kRings},    {18, kChannels}, {20, kCoalesce}, {22, kPause},
    {24, kEee},       {30, kFec},      {35, kModule},   {40, kPlca},     {43, kMm},
};

Names NamesOf(std::uint32_t message) {
  const auto* found = std::find_if(std::begin(kMessages), std::end(kMessages),
                                   [&](const Message& m) { return m.number == message; });
  return found == std::end(kMessages) ? Names() : found->names;
}

}  // namespace

std::string DescribeAttributes(std::uint32_t message, std::uint64_t types) {
  const Names names = NamesOf(message);
  std::string text;
  for (std::uint32_t type = kFirst; type < 64; ++type) {
    if (!(types >> type & 1)) continue;
    if (!text.empty()) text += ", ";
    if (type - kFirst < names.size())
      text += names[type - kFirst];
    else
      text += "attribute " + std::to_string(type);
  }
  return text;
}

}  // namespace netchange
