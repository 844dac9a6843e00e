// SPDX-License-Identifier: Apache-2.0
// Changes of XDP programs that passed no hook: what the kernel does by itself passes no system call
// (a link that is closed or whose process ends, a device that goes, a bond's ports).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/xdp.h"
#include "collectors/xdp_attached.h"
#include "kernel/map_reader.h"
#include "kernel/netns.h"

namespace netchange {

/// Compares what was counted with what is attached: programs that came, less those that went, must
/// be there. What two looks miss in the same place, or find too much, happened unseen, if they are
/// a second apart and nothing was counted there in between: a single look may fall between a change
/// and its count. Nothing is said of namespaces that may be there and were never read. Not
/// thread-safe.
class UnseenChanges {
 public:
  /// `attached`: at the start, when nothing is counted yet.
  explicit UnseenChanges(const std::vector<AttachedProgram>& attached);

  /// The changes that were unseen, each with the actor "unknown"; they have to be counted by the
  /// next look, or given up. Of several unseen detaches from one place, each is under the name of
  /// the program that came last. `read`: the namespaces that `attached` is all of; null where one
  /// that is not among them is gone. `now`: of any clock that does not go back.
  std::vector<xdp_key> Look(const Entries<xdp_key, counter>& changes,
                            const std::vector<AttachedProgram>& attached,
                            const std::set<NetnsId>* read, std::chrono::nanoseconds now);
  /// One that Look() has told and that cannot be counted is not told again.
  void GiveUp(const xdp_key& change);

 private:
  struct Place {
    std::uint32_t netns, netns_cookie;
    std::uint8_t mode;
    std::string device;
    bool operator<(const Place& other) const {
      return std::tie(netns, netns_cookie, mode, device) <
             std::tie(other.netns, other.netns_cookie, other.mode, other.device);
    }
  };
  struct Balance {
    std::int64_t missing = 0;  // less than 0: more than were counted
    std::uint64_t counted = 0;
    std::uint64_t newest_ns = 0;
    std::string program;  // the one there now, else the one that came last
  };
  using Balances = std::map<Place, Balance>;

  static Place PlaceOf(const device_ref& device, std::uint8_t mode);
  // Takes up what is read now; forgets namespaces where nothing was counted.
  void KeepKnown(const std::set<NetnsId>& read, const Balances& balances);
  static xdp_key UnseenAt(const Place& place, const Balance& balance);
  [[nodiscard]] Balances BalancesOf(const Entries<xdp_key, counter>& changes,
                                    const std::vector<AttachedProgram>& attached) const;
  // A device with another name: missing there, and too much here.
  void FollowRenames(Balances& balances);
  // Counts that were there are gone: series end with their namespace.
  void FollowExpiry(Balances& balances);

  std::map<Place, std::int64_t> extra_;  // there without a count: from the start, or by a rename
  Balances last_;                        // of the last look
  std::set<NetnsId> known_;              // could be looked at, now or before
  std::optional<std::chrono::nanoseconds> last_time_;
};

}  // namespace netchange
