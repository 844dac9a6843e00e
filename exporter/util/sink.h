// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

namespace netchange {

/// Takes the next piece of a text. False: the rest is not wanted, for example because the client
/// went away.
using Sink = std::function<bool(std::string_view)>;

}  // namespace netchange
