// SPDX-License-Identifier: Apache-2.0
// The end of the program: SIGINT and SIGTERM are blocked and waited for, so they interrupt nothing.
#pragma once

#include <chrono>

namespace netchange {

/// Blocks the signals that end the program, and SIGPIPE. Before any thread starts.
void BlockSignals();

/// Waits until one comes, at most `most`; true if it came. SIGHUP is taken and does nothing:
/// counters are kept.
bool WaitForEnd(std::chrono::milliseconds most);

/// As if SIGTERM had come. From any thread.
void RequestEnd();

}  // namespace netchange
