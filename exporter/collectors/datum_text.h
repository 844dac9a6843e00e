// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bpf/datum.h"

namespace netchange {

/// A value as the kernel would print it: "1", "cubic", "4096 131072 6291456", "ff,00000001",
/// "02:00:00:00:00:01". Printable; "?" where it is not known, "…" at the end where it is cut.
std::string DatumText(const datum& value);

}  // namespace netchange
