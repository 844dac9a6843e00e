// SPDX-License-Identifier: Apache-2.0
// `netchange_exporter check`: reports which collectors work here, their backends and limitations.
#pragma once

#include <span>
#include <string>
#include <vector>

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

/// Exit status: 0 if all collectors work, 1 if some are blind, 2 if all are.
int CheckStatus(std::span<const CheckedCollector> collectors);
/// For people; ends with a newline. All texts are made printable. `notes` concern all collectors.
std::string CheckText(std::span<const CheckedCollector> collectors,
                      std::span<const std::string> notes = {});
/// One JSON object; ends with a newline.
std::string CheckJson(std::span<const CheckedCollector> collectors,
                      std::span<const std::string> notes = {});

/// Attaches what the configuration enables, prints the result, and detaches it again.
/// Returns CheckStatus().
int Check(const Config& config, OutputFormat output);

}  // namespace netchange
