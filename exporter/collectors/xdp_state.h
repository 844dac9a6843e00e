// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/settings.h"
#include "bpf/abi/xdp.h"
#include "collectors/collector_state.h"
#include "collectors/xdp_attached.h"
#include "collectors/xdp_unseen.h"
#include "kernel/bpf_object.h"
#include "kernel/combined_filter.h"
#include "kernel/driver_probes.h"
#include "kernel/map_reader.h"

namespace netchange {

/// What the xdp collector knows besides its maps: probes on drivers' functions, the programs that
/// are attached, and which changes no hook saw.
class XdpState : public CollectorState {
 public:
  /// `not_drivers`: functions that are not to be traced as a driver's.
  XdpState(const BpfObject& object, std::set<std::string> not_drivers);

  [[nodiscard]] std::vector<ProbeState> Probes() const override;
  /// The programs that are attached now, on `devices` only. Counts what no hook saw, and adds it to
  /// `changes`.
  std::vector<AttachedProgram> Attached(BpfObject& object, const CombinedFilter& devices,
                                        Entries<xdp_key, counter>& changes);

 private:
  void CountUnseen(BpfObject& object, const xdp_key& key, Entries<xdp_key, counter>& changes);

  const std::unique_ptr<DriverProbes> drivers_;
  const bool by_system_calls_;
  AttachedPrograms attached_;  // read after the probes are there, so that no change is in between
  std::optional<UnseenChanges> unseen_;  // by system calls, if all that was there could be read
};

/// The actors of what was unseen, where the configuration wants none: in the map these keys are
/// only ours, because user space cannot add to a value that a program may change.
void HideUnknown(const collector_settings& settings, Entries<xdp_key, counter>& changes);

}  // namespace netchange
