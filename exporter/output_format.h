// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace netchange {

/// How `watch` and `check` print.
enum class OutputFormat { kText, kJson };

}  // namespace netchange
