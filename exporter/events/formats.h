// SPDX-License-Identifier: Apache-2.0
// Lines for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "events/change.h"

namespace netchange {

/// Names of the columns of TextLine(), aligned with them. No newline.
std::string TextHeader();
/// One line, in local time. Columns are aligned unless a value is longer than usual. No newline.
std::string TextLine(const Change& change);
/// One JSON object on one line, time as RFC 3339 in UTC. No newline.
std::string JsonLine(const Change& change);
/// A JSON array of the same objects.
std::string JsonArray(const std::vector<Change>& changes);
/// "2026-11-21T12:00:00.123456789Z"
std::string Rfc3339(std::int64_t unix_ns);

}  // namespace netchange
