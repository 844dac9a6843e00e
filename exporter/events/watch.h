// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config.h"
#include "output_format.h"

namespace netchange {

/// Prints each event on standard output until a signal arrives or standard output is closed. Loads
/// its own programs, so it runs alone or beside an exporter. Returns the exit status: 1 if all
/// collectors are blind, with the reason on standard error. The caller must block SIGINT, SIGTERM
/// and SIGPIPE.
int Watch(const Config& config, OutputFormat output);

}  // namespace netchange
