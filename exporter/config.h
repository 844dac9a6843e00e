// SPDX-License-Identifier: Apache-2.0
// What can be configured, with its defaults. No file is needed.
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
  /// Kernel functions that are not observed, as if this kernel had none of them.
  std::set<std::string> skip_functions;
  /// By name; a collector that is not named is on.
  std::map<std::string, bool> collectors;
  /// Entries of each map that counts: the most series of a collector. What finds no room is counted
  /// as lost.
  std::uint32_t max_entries = COUNT_MAP_ENTRIES;

  bool label_comm = true;
  bool label_parent_comm = true;
  /// Of all collectors.
  NameFilter devices;
  /// Of writes to configuration, besides: what container runtimes make and configure with each
  /// container.
  NameFilter write_devices = {{}, {"veth*", "cali*", "lxc*", "eni*", "gke*", "azv*"}};
  NameFilter write_settings;
  /// Series of what is gone go when nothing happened to them for this long; 0: never.
  std::chrono::seconds series_expiry = std::chrono::hours(1);

  [[nodiscard]] bool CollectorEnabled(const std::string& name) const {
    const auto found = collectors.find(name);
    return found == collectors.end() || found->second;
  }
};

/// Reads a YAML file over `config`. An error names file, line and what is wrong: an unknown key, a
/// wrong type, a value out of range. `config` is as it was then.
Status LoadConfigFile(const std::string& path, Config& config);

}  // namespace netchange
