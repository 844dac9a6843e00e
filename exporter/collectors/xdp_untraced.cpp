// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_untraced.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "util/text.h"

namespace netchange {
namespace {

constexpr std::chrono::seconds kApart{1};
constexpr int kMostAlike = 32;  // the maximum of Likeness()

bool IsDetach(const xdp_key& key) {
  return key.operation == XDP_OPERATION_DETACH || key.operation == XDP_OPERATION_DEVICE_DELETED;
}

}  // namespace

UntracedChanges::UntracedChanges(const std::vector<AttachedProgram>& attached) {
  for (const AttachedProgram& program : attached) ++extra_[PlaceOf(program.device, program.mode)];
  last_ = BalancesOf({}, attached);
  programs_ = ProgramsOf(attached);
}

std::vector<UntracedChanges::Program> UntracedChanges::ProgramsOf(
    const std::vector<AttachedProgram>& attached) {
  std::vector<Program> programs;
  programs.reserve(attached.size());
  for (const AttachedProgram& program : attached)
    programs.emplace_back(program.mode, program.program.id);
  std::sort(programs.begin(), programs.end());
  return programs;
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
    at.programs.emplace(TextIn(key.program));
    at.replaced |= key.operation == XDP_OPERATION_REPLACE;
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
    at.id = program.program.id;
    at.ifindex = program.ifindex;
    at.programs.insert(at.program);
    --at.missing;
  }
  for (const auto& [place, extra] : extra_) balances[place].missing += extra;
  for (const auto& [place, before] : last_) {
    const auto now = balances.find(place);
    if (now == balances.end()) continue;
    if (now->second.program.empty()) now->second.program = before.program;
    if (now->second.id || now->second.counted != before.counted) continue;
    now->second.id = before.id;
    now->second.ifindex = before.ifindex;
  }
  return balances;
}

int UntracedChanges::Likeness(const Open& from, const Open& to) const {
  const bool same_id = from.balance->id && from.balance->id == to.balance->id;
  const bool same_name = to.balance->programs.contains(from.balance->program);
  const bool possible = same_id || same_name || to.balance->replaced || only_moves_;
  if (from.place->mode != to.place->mode || !possible) return 0;
  const bool same_ifindex = from.balance->ifindex && from.balance->ifindex == to.balance->ifindex;
  return 1 + 16 * same_id + 8 * same_name + 4 * same_ifindex +
         2 * (from.place->device == to.place->device) + (from.place->netns == to.place->netns);
}

// Within one namespace an index is that of one device.
bool UntracedChanges::IsRename(const Open& from, const Open& to) {
  const bool same_device =
      !from.balance->ifindex || from.balance->ifindex == to.balance->ifindex;  // 0: not seen there
  return from.place->netns == to.place->netns && same_device &&
         to.balance->programs.contains(from.balance->program);
}

bool UntracedChanges::IsSteady(const Place& place, const Balance& balance) const {
  const auto last = last_.find(place);
  return last != last_.end() && last->second.missing == balance.missing &&
         last->second.counted == balance.counted;
}

void UntracedChanges::Follow(Open& from, Open& to) {
  const std::int64_t moved = std::min(from.count, -to.count);
  from.count -= moved;
  to.count += moved;
  if ((!from.steady || !to.steady) && !IsRename(from, to)) return;
  from.balance->missing -= moved;
  extra_[*from.place] -= moved;
  to.balance->missing += moved;
  extra_[*to.place] += moved;
}

std::vector<UntracedChanges::Open> UntracedChanges::FollowMoves(Balances& balances) {
  std::vector<Open> missing, surplus;
  for (auto& [place, balance] : balances) {
    if (balance.missing)
      (balance.missing > 0 ? missing : surplus)
          .push_back({&place, &balance, balance.missing, IsSteady(place, balance)});
  }
  for (int likeness = kMostAlike; likeness > 0; --likeness) {
    for (Open& from : missing) {
      for (Open& to : surplus) {
        if (from.count && to.count && Likeness(from, to) == likeness) Follow(from, to);
      }
    }
  }
  missing.insert(missing.end(), surplus.begin(), surplus.end());
  return missing;
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
  std::vector<Program> programs = ProgramsOf(attached);
  only_moves_ = programs == programs_;
  programs_ = std::move(programs);
  FollowExpiry(balances);
  if (read) known_.insert(read->begin(), read->end());
  std::vector<xdp_key> untraced;
  for (const Open& open : FollowMoves(balances)) {
    if (!open.steady || (read && !known_.contains({open.place->netns, open.place->netns_cookie})))
      continue;
    untraced.insert(untraced.end(), static_cast<std::size_t>(std::abs(open.count)),
                    UntracedAt(*open.place, *open.balance));
  }
  if (read) KeepKnown(*read, balances);
  last_ = std::move(balances);
  return untraced;
}

}  // namespace netchange
