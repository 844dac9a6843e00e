// SPDX-License-Identifier: Apache-2.0
// Turns families into a page. Nothing else does.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace netchange {

/// Content-Type of the text format 0.0.4. The exposition format requires the version.
inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

std::string SerializeText(const std::vector<prometheus::MetricFamily>& families);

}  // namespace netchange
