// SPDX-License-Identifier: Apache-2.0
// Pages of an exporter, as Prometheus sees them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace netchange::test {

/// Values by series, written as on the page: name{label="value",…}.
using Page = std::map<std::string, double>;
using Labels = std::vector<std::pair<std::string, std::string>>;

/// Body of a GET from 127.0.0.1; empty without an answer.
std::string Get(int port, const std::string& path);

/// The label `netns` of the namespace in which this program runs; empty for the initial one.
std::string OwnNetns();

/// Types of the families on the page, by name.
using Families = std::map<std::string, std::string>;
Families ScrapeFamilies(int port);

/// All samples of the page. Removes the label of the tests' own namespace, so that tests do not
/// depend on the namespace in which they run.
Page Scrape(int port);

/// A series as it is on the page: labels in the given order, without empty ones. Values are not
/// escaped.
std::string Series(const std::string& name, const Labels& labels);

/// True if the start page says that the hook is attached.
bool HookIsAttached(int port, const std::string& hook);

/// Unix time in seconds.
double Now();

}  // namespace netchange::test
