// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace netchange {

/// Output format of `watch` and `check`.
enum class OutputFormat { kText, kJson };

}  // namespace netchange
