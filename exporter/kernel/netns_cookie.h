// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace netchange {

/// Low half of the cookie of the calling thread's namespace, as in device_ref. 0 if this kernel
/// does not tell it: before Linux 5.14 that needs CAP_BPF and CAP_PERFMON. Thread-safe.
std::uint32_t OwnNetnsCookie();

namespace internal {

/// The two ways to read it; 0 if this way does not work. Only the second one loads a BPF program.
std::uint32_t NetnsCookieOfSocket();
std::uint32_t NetnsCookieOfProgram();

}  // namespace internal
}  // namespace netchange
