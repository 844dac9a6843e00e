// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_untraced.h"

#include <algorithm>
#include <cstdlib>

#include "util/text.h"

namespace netchange {
namespace {

constexpr std::chrono::seconds kApart{1};

bool IsDetach(const xdp_key& key) {
  return key.operation == XDP_OPERATION_DETACH || key.operation == XDP_OPERATION_DEVICE_DELETED;
}

}  // namespace

UntracedChanges::UntracedChanges(const std::vector<AttachedProgram>& attached) {
  for (const AttachedProgram& program : attached) ++extra_[PlaceOf(program.device, program.mode)];
  last_ = BalancesOf({}, attached);
}

UntracedChanges::Place UntracedChanges::PlaceOf(const device_ref& device, std::uint8_t mode) {
  return {device.netns, device.netns_cookie, mode, std::string(TextIn(device.name))};
}

UntracedChanges::Balances UntracedChanges::BalancesOf(
    const Entries<xdp_key, counter>& changes, const std::vector<AttachedProgram>& attached) const {
  Balances balances;
  for (const auto& [key, counter] : changes) {
    if (key.error) continue;
    Balance& at = balances[PlaceOf(key.device, key.mode)];
    const auto count = static_cast<std::int64_t>(counter.count);
    at.counted += counter.count;
    if (key.operation == XDP_OPERATION_ATTACH) at.missing += count;
    if (IsDetach(key)) at.missing -= count;
    if (!IsDetach(key) && counter.last_ns >= at.newest_ns) {
      at.newest_ns = counter.last_ns;
      at.program = TextIn(key.program);
    }
  }
  for (const AttachedProgram& program : attached) {
    Balance& at = balances[PlaceOf(program.device, program.mode)];
    at.program = TextIn(program.program.name);
    --at.missing;
  }
  for (const auto& [place, extra] : extra_) balances[place].missing += extra;
  for (const auto& [place, before] : last_) {
    const auto now = balances.find(place);
    if (now != balances.end() && now->second.program.empty()) now->second.program = before.program;
  }
  return balances;
}

void UntracedChanges::FollowRenames(Balances& balances) {
  for (auto& [from, old] : balances) {
    for (auto& [to, now] : balances) {
      if (old.missing <= 0) break;
      if (now.missing >= 0 || from.netns != to.netns || from.mode != to.mode ||
          old.program != now.program)
        continue;
      const std::int64_t moved = std::min(old.missing, -now.missing);
      old.missing -= moved;
      extra_[from] -= moved;
      now.missing += moved;
      extra_[to] += moved;
    }
  }
}

void UntracedChanges::FollowExpiry(Balances& balances) {
  for (auto& [place, balance] : balances) {
    const auto last = last_.find(place);
    if (last == last_.end() || last->second.counted <= balance.counted) continue;
    extra_[place] -= balance.missing;
    balance.missing = 0;
  }
  std::erase_if(extra_, [](const auto& extra) { return extra.second == 0; });
}

void UntracedChanges::KeepKnown(const std::set<NetnsId>& read, const Balances& balances) {
  std::set<NetnsId> kept = read;
  for (const auto& [place, balance] : balances) {
    const NetnsId netns{place.netns, place.netns_cookie};
    if (known_.contains(netns)) kept.insert(netns);
  }
  known_ = std::move(kept);
}

void UntracedChanges::GiveUp(const xdp_key& change) {
  extra_[PlaceOf(change.device, change.mode)] += IsDetach(change) ? -1 : 1;
}

xdp_key UntracedChanges::UntracedAt(const Place& place, const Balance& balance) {
  xdp_key key{};
  key.device.netns = place.netns;
  key.device.netns_cookie = place.netns_cookie;
  key.mode = place.mode;
  key.operation = balance.missing > 0 ? XDP_OPERATION_DETACH : XDP_OPERATION_ATTACH;
  CopyText(place.device, key.device.name);
  CopyText(balance.program, key.program);
  CopyText("unknown", key.actor.comm);
  CopyText("unknown", key.actor.parent_comm);
  return key;
}

std::vector<xdp_key> UntracedChanges::Check(const Entries<xdp_key, counter>& changes,
                                            const std::vector<AttachedProgram>& attached,
                                            const std::set<NetnsId>* read,
                                            std::chrono::nanoseconds now) {
  if (last_time_ && now - *last_time_ < kApart) return {};
  last_time_ = now;
  Balances balances = BalancesOf(changes, attached);
  FollowExpiry(balances);
  FollowRenames(balances);
  if (read) known_.insert(read->begin(), read->end());
  std::vector<xdp_key> untraced;
  for (const auto& [place, balance] : balances) {
    const auto last = last_.find(place);
    if ((read && !known_.contains({place.netns, place.netns_cookie})) || last == last_.end() ||
        last->second.missing != balance.missing || last->second.counted != balance.counted)
      continue;
    untraced.insert(untraced.end(), static_cast<std::size_t>(std::abs(balance.missing)),
                    UntracedAt(place, balance));
  }
  if (read) KeepKnown(*read, balances);
  last_ = std::move(balances);
  return untraced;
}

}  // namespace netchange
