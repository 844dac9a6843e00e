// SPDX-License-Identifier: Apache-2.0
// `netchange_exporter check`: reports which collectors work here, their backends and limitations.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "check_events.h"
#include "config.h"
#include "kernel/hook_plan.h"
#include "output_format.h"

namespace netchange {

/// Result of trying one collector. Plain data.
struct CheckedCollector {
  std::string name, help;
  std::vector<ProbeState> probes;  // the state of each; empty if the collector is blind
  std::string blind;               // why the collector is blind; empty if it is not
  std::string limits;              // limitations of the syscall backend
};

/// All that `check` found out.
struct CheckResult {
  std::vector<CheckedCollector> collectors;
  std::vector<std::string> notes;    // concern all collectors
  std::vector<CheckedEvent> events;  // empty without --events
};

/// Exit status: 0 if all collectors work and all events were counted, 1 if only some, 2 if all
/// collectors are blind, or no event was counted.
int CheckStatus(const CheckResult& result);
/// For people; ends with a newline. All texts are made printable.
std::string CheckText(const CheckResult& result);
/// One JSON object; ends with a newline.
std::string CheckJson(const CheckResult& result);

/// Attaches what the configuration enables, prints the result, and detaches it again.
/// `with_events`: makes events meanwhile, and looks whether they are counted. Returns
/// CheckStatus().
int Check(const Config& config, OutputFormat output, bool with_events);

}  // namespace netchange
