// SPDX-License-Identifier: Apache-2.0
// `netchange_exporter check`: what this kernel and these rights let each collector see.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config.h"
#include "kernel/hook_plan.h"
#include "output_format.h"

namespace netchange {

/// A collector that was tried. Plain data.
struct CheckedCollector {
  std::string name, help;
  std::vector<HookState> hooks;  // what became of them; empty if nothing can be seen
  std::string blind;             // why nothing can be seen; empty if something can
  std::string limits;            // what the backend `syscall` cannot see, if that is the one
};

/// 0: all see their events, 1: some do not, 2: none does.
int CheckStatus(std::span<const CheckedCollector> collectors);
/// For people; ends with a newline. All texts are made printable. `notes`: of all collectors.
std::string CheckText(std::span<const CheckedCollector> collectors,
                      std::span<const std::string> notes = {});
/// One JSON object; ends with a newline.
std::string CheckJson(std::span<const CheckedCollector> collectors,
                      std::span<const std::string> notes = {});

/// Attaches all that the configuration asks for, prints what became of it, and detaches it again.
/// Returns CheckStatus().
int Check(const Config& config, OutputFormat output);

}  // namespace netchange
