// SPDX-License-Identifier: Apache-2.0
// The configuration with its defaults. The exporter runs without a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bpf/abi/counter.h"
#include "kernel/hook_plan.h"
#include "kernel/name_filter.h"
#include "util/log.h"
#include "util/result.h"

namespace netchange {

/// Plain data. deploy/netchange_exporter.yml explains each setting.
struct Config {
  std::vector<std::string> listen_addresses = {":10417"};
  std::string telemetry_path = "/metrics";

  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;

  /// In order of preference.
  std::vector<Backend> backends{std::begin(kAllBackends), std::end(kAllBackends)};
  /// Kernel functions that are not traced, as if this kernel did not have them.
  std::set<std::string> skip_functions;
  /// By name. A collector that is not in the map is on.
  std::map<std::string, bool> collectors;
  /// Entries of each count map: the maximum number of keys of a collector. Events beyond are folded
  /// (bpf/lib/count.bpf.h).
  std::uint32_t max_entries = COUNT_MAP_ENTRIES;

  bool label_comm = true;
  bool label_parent_comm = true;
  bool label_unit = true;
  /// An ethtool command that takes longer is slow.
  std::chrono::nanoseconds ethtool_slow = std::chrono::milliseconds(100);
  /// Applied by all collectors.
  NameFilter devices;
  /// Applied to config writes in addition to `devices`; by default excludes interfaces created by
  /// container runtimes, but not LXC's bridge of the host.
  NameFilter write_devices = {{"lxcbr0"}, {"veth*", "cali*", "lxc*", "eni*", "gke*", "azv*"}};
  NameFilter write_settings;
  /// Network namespaces, applied by all collectors (NetnsFilter).
  NameFilter namespaces;
  /// Applied to config writes in addition to `namespaces`; by default excludes those of containers.
  NameFilter write_namespaces = {{"initial", "named"}, {}};
  /// Time without an event after which the series of a deleted device or namespace expire; 0:
  /// never.
  std::chrono::milliseconds series_expiry = std::chrono::hours(1);

  [[nodiscard]] bool CollectorEnabled(const std::string& name) const {
    const auto found = collectors.find(name);
    return found == collectors.end() || found->second;
  }
};

/// Reads a YAML file into `config`. An error names file, line and problem: an unknown key, a wrong
/// type, a value out of range. On an error `config` is unchanged.
Status LoadConfigFile(const std::string& path, Config& config);

}  // namespace netchange
