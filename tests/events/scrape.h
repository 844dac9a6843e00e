// SPDX-License-Identifier: Apache-2.0
// What Prometheus would see.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace netchange::test {

/// Value by series, the series as it stands on the page: name{label="value",…}.
using Page = std::map<std::string, double>;
using Labels = std::vector<std::pair<std::string, std::string>>;

/// The body that a GET of 127.0.0.1 gives; empty if nobody answers.
std::string Get(int port, const std::string& path);

/// The label `netns` of the namespace that this program runs in; empty for the initial one.
std::string OwnNetns();

/// Type of each family on the page, by name.
using Families = std::map<std::string, std::string>;
Families ScrapeFamilies(int port);

/// Every sample of the page. The namespace of the tests is left out, as the initial one is, so that
/// they need not know in which they run.
Page Scrape(int port);

/// A series as it stands on the page: in the order given, empty values left out. Values are written
/// as given.
std::string Series(const std::string& name, const Labels& labels);

/// Unix time in seconds.
double Now();

}  // namespace netchange::test
