// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config.h"
#include "output_format.h"

namespace netchange {

/// Prints each event on standard output until a signal comes or the reader goes. Loads programs of
/// its own, so it runs alone or beside a daemon. Returns the exit status: 1 if nothing can be seen,
/// with the reason on standard error. SIGINT, SIGTERM and SIGPIPE must be blocked in the caller.
int Watch(const Config& config, OutputFormat output);

}  // namespace netchange
