// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/settings.h"
#include "bpf/abi/xdp.h"
#include "collectors/collector_state.h"
#include "collectors/xdp_attached.h"
#include "collectors/xdp_untraced.h"
#include "kernel/bpf_object.h"
#include "kernel/combined_filter.h"
#include "kernel/driver_probes.h"
#include "kernel/map_reader.h"
#include "kernel/xdp_programs.h"

namespace netchange {

/// The xdp collector's state besides its maps: probes on driver functions, the attached programs,
/// and the changes that no hook traced.
class XdpState : public CollectorState {
 public:
  /// `not_drivers`: functions that must not be hooked as driver functions.
  XdpState(const BpfObject& object, std::set<std::string> not_drivers);

  [[nodiscard]] std::vector<ProbeState> Probes() const override;
  /// The programs that are attached now to devices that `devices` includes, with those that they
  /// call. Counts the changes that no hook traced, and adds them to `changes`.
  std::vector<AttachedProgram> Attached(BpfObject& object, const CombinedFilter& devices,
                                        Entries<xdp_key, counter>& changes);

 private:
  // False until the first XDP program is loaded, attached or counted. Until then there is nothing
  // to look for, and a walk through all processes takes the longer the more there are.
  bool MayFindPrograms(const Entries<xdp_key, counter>& changes);
  void CountUntraced(BpfObject& object, const xdp_key& key, Entries<xdp_key, counter>& changes);

  using DeviceName = std::pair<NetnsId, std::string>;
  // A device when it was last seen with a program.
  struct Seen {
    std::uint32_t ifindex;
    std::uint64_t counted;  // changes of devices of this name, until then
  };
  static DeviceName NameOf(const device_ref& device);
  static std::map<DeviceName, std::uint64_t> CountsByName(const Entries<xdp_key, counter>& changes);
  void NoteSeen(const std::vector<AttachedProgram>& programs,
                const std::map<DeviceName, std::uint64_t>& counts);
  // True if the device of an untraced detach does not exist any more. Its name may be that of
  // another device now, unless a change was counted since it was seen.
  [[nodiscard]] bool IsDeleted(const device_ref& device,
                               const std::map<DeviceName, std::uint64_t>& counts) const;

  const std::unique_ptr<DriverProbes> drivers_;
  const bool syscall_backend_;
  XdpPrograms loaded_;
  bool found_ = false;         // the result of MayFindPrograms()
  AttachedPrograms attached_;  // read after the hooks are attached, to miss no change
  std::map<DeviceName, Seen> seen_;
  std::optional<UntracedChanges> untraced_;  // syscall backend, if every namespace could be read
};

/// Empties the actors of untraced changes if the configuration turns these labels off. In the map
/// such a key is only ours, because user space cannot add to a value that a program may change.
void HideUnknown(const object_settings& settings, Entries<xdp_key, counter>& changes);

}  // namespace netchange
