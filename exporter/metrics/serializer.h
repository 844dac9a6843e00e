// SPDX-License-Identifier: Apache-2.0
// The one place that turns families into a page.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace netchange {

/// Content-Type of the text format 0.0.4. The version is a MUST of the exposition formats' content
/// negotiation.
inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

std::string SerializeText(const std::vector<prometheus::MetricFamily>& families);

}  // namespace netchange
