// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bpf/abi/config_write.h"
#include "bpf/abi/setting_value.h"

namespace netchange {

/// A value as the kernel would print it: "1", "cubic", "4096 131072 6291456", "ff,00000001",
/// "02:00:00:00:00:01". Printable; "?" where it is not known, "…" at the end where it is cut.
std::string ValueText(const setting_value& value);

/// The number that was written, if it was a single one: as the kernel reads it, 10, -1, 0x1f, 017.
std::optional<std::int64_t> WrittenNumber(const config_value& value);

}  // namespace netchange
