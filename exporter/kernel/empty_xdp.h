// SPDX-License-Identifier: Apache-2.0
// An XDP program that passes every packet, in generic mode.
#pragma once

#include <string>

#include "util/result.h"

namespace netchange {

/// Loads a program of this name, at most 15 bytes, and attaches it to a device of the calling
/// thread's namespace. Needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
Status AttachEmptyXdp(const std::string& device, const std::string& name);
/// Detaches the program.
Status DetachXdp(const std::string& device);

}  // namespace netchange
