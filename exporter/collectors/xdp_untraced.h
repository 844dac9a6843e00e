// SPDX-License-Identifier: Apache-2.0
// Changes of XDP programs that no hook traced: the syscall backend does not trace what the kernel
// does by itself (a link that is closed or whose process ends, a device that is deleted, the ports
// of a bond).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/xdp.h"
#include "collectors/xdp_attached.h"
#include "kernel/map_reader.h"
#include "kernel/netns.h"

namespace netchange {

/// Detects changes that no hook traced: attaches minus detaches counted so far must equal the
/// programs that are attached now. A difference is reported only if two checks at least one second
/// apart find the same difference and no event was counted in between, because a single check can
/// fall between a change and its count. A program that one device misses and another has too much
/// moved with its device, under a new name or into another namespace: this is no change. Namespaces
/// that could never be read are skipped. Not thread-safe.
class UntracedChanges {
 public:
  /// `attached`: the programs at the start, when nothing is counted yet.
  explicit UntracedChanges(const std::vector<AttachedProgram>& attached);

  /// The changes that were not traced, each with the actor "unknown". The caller counts each before
  /// the next check, or gives it up. Several detaches from one place all have the name of the
  /// program that was attached last. `read`: the namespaces that `attached` covers; null if it
  /// covers all that exist. `now`: of a clock that does not go back.
  std::vector<xdp_key> Check(const Entries<xdp_key, counter>& changes,
                             const std::vector<AttachedProgram>& attached,
                             const std::set<NetnsId>* read, std::chrono::nanoseconds now);
  /// A change that Check() reported and that could not be counted is not reported again.
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
    std::int64_t missing = 0;  // negative: more programs than were counted
    std::uint64_t counted = 0;
    std::uint64_t newest_ns = 0;
    std::string program;             // the program there now, else the one that was attached last
    std::uint32_t id = 0;            // of the program there now or at the last check; 0: unknown
    std::uint32_t ifindex = 0;       // the same
    std::set<std::string> programs;  // all that were counted or are there
    bool replaced = false;           // a replacement was counted
  };
  using Balances = std::map<Place, Balance>;
  using Program = std::pair<std::uint8_t, std::uint32_t>;  // mode, id
  // A place whose balance is not zero.
  struct Open {
    const Place* place;
    Balance* balance;
    std::int64_t count;  // programs that no move explains; negative if there are too many
    bool steady;         // as in the last check
  };

  static std::vector<Program> ProgramsOf(const std::vector<AttachedProgram>& attached);
  static Place PlaceOf(const device_ref& device, std::uint8_t mode);
  // Adds the namespaces of `read`; forgets others where nothing was counted.
  void KeepKnown(const std::set<NetnsId>& read, const Balances& balances);
  static xdp_key UntracedAt(const Place& place, const Balance& balance);
  [[nodiscard]] Balances BalancesOf(const Entries<xdp_key, counter>& changes,
                                    const std::vector<AttachedProgram>& attached) const;
  // 0: the program that `from` misses is not the one that `to` has too much. The more alike they
  // are, the higher.
  [[nodiscard]] int Likeness(const Open& from, const Open& to) const;
  static bool IsRename(const Open& from, const Open& to);
  [[nodiscard]] bool IsSteady(const Place& place, const Balance& balance) const;
  // Takes the moves out of the balances. A move of which this check may have seen only one end is
  // taken out of Open::count, and is left to the next check.
  std::vector<Open> FollowMoves(Balances& balances);
  void Follow(Open& from, Open& to);
  // Counts that decreased: their series expired.
  void FollowExpiry(Balances& balances);

  std::map<Place, std::int64_t> extra_;  // attached without a count: at the start, or by a move
  Balances last_;                        // of the last check
  std::vector<Program> programs_;        // the same, sorted
  bool only_moves_ = false;              // this check found the same programs as the last one
  std::set<NetnsId> known_;              // could be read, now or before
  std::optional<std::chrono::nanoseconds> last_time_;
};

}  // namespace netchange
