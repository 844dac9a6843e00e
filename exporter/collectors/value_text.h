// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bpf/abi/config_write.h"
#include "bpf/abi/setting_value.h"

namespace netchange {

/// A value as the kernel would print it: "1", "cubic", "4096 131072 6291456", "ff,00000001",
/// "02:00:00:00:00:01". Printable; "?" if it is unknown, "…" at the end if it is truncated.
std::string ValueText(const setting_value& value);

/// The number that was written, parsed as the kernel does: 10, -1, 0x1f, 017. nullopt if the text
/// is not a single number.
std::optional<std::int64_t> WrittenNumber(const config_value& value);

}  // namespace netchange
