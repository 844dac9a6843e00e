// SPDX-License-Identifier: Apache-2.0
// Reads a page in the text format, without the project's own code.
#pragma once

#include <prometheus/metric_family.h>

#include <string_view>
#include <vector>

namespace netchange {

/// The families in the order of the page. Adds a failure to the test for what is no text format.
std::vector<prometheus::MetricFamily> ParsePage(std::string_view page);

}  // namespace netchange
