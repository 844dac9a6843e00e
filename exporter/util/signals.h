// SPDX-License-Identifier: Apache-2.0
// The end of the program: SIGINT and SIGTERM are blocked and waited for, so they interrupt nothing.
#pragma once

#include <chrono>

namespace netchange {

/// Blocks SIGINT, SIGTERM, SIGHUP and SIGPIPE. Call before any thread starts.
void BlockSignals();

/// Waits at most `most` for SIGINT or SIGTERM; true if one came. SIGHUP has no effect: counters are
/// kept.
bool WaitForEnd(std::chrono::milliseconds most);

/// Acts as if SIGTERM had come. Thread-safe.
void RequestEnd();

}  // namespace netchange
