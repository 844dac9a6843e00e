// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// A TCP socket that listens on an address as in Config. It does not block. `:PORT` and `[::]:PORT`
/// are every address, of IPv6 and of IPv4. The error names the address.
Result<Fd> ListenOn(const std::string& address);

}  // namespace netchange
