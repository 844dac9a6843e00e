// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kernel/bpf_object.h"
#include "kernel/driver_functions.h"
#include "kernel/ring_reader.h"

namespace netchange {

/// Traces every driver function that accepts XDP programs, in the kernel and in its modules, by
/// kprobe and kretprobe: a fexit link would pin the module, so that nobody could unload it. Follows
/// modules that are loaded and unloaded later. Thread-safe.
class DriverProbes {
 public:
  /// `object` must have loaded the programs driver_kprobe, driver_kretprobe, module_load and
  /// module_free, and the ring buffer `modules`. It must outlive this. Functions in `skip` are not
  /// hooked. The error says why no driver can be hooked; the state of a single function is in
  /// Probes().
  static Result<std::unique_ptr<DriverProbes>> Start(const BpfObject& object,
                                                     std::set<std::string> skip);
  ~DriverProbes();
  DriverProbes(const DriverProbes&) = delete;
  DriverProbes& operator=(const DriverProbes&) = delete;

  /// The state of each function now.
  [[nodiscard]] std::vector<ProbeState> Probes() const;

 private:
  struct Probe {
    DriverFunction function;
    std::vector<BpfLink> links;  // empty: the kernel refused
    std::string reason;
  };

  DriverProbes(const BpfObject& object, std::set<std::string> skip);
  Status Follow(const BpfObject& object);
  void HandleModule(const void* data, std::size_t size);
  void Add(const std::vector<DriverFunction>& functions);
  void Remove(const std::string& module);
  Probe Attach(const DriverFunction& function) const;
  Status AttachBoth(Probe& probe) const;
  [[nodiscard]] bool IsAmbiguous(const DriverFunction& function) const;

  const std::set<std::string> skip_;
  const int entry_, exit_;  // programs, borrowed
  const std::weak_ptr<LinkPins> pins_;
  mutable std::mutex mutex_;  // of probes_
  std::vector<Probe> probes_;
  std::vector<BpfLink> announcements_;
  std::unique_ptr<RingReader> reader_;  // uses all members above: destroyed first
};

}  // namespace netchange
