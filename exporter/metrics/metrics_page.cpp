// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics_page.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace netchange {
namespace {

constexpr std::size_t kCollectors = 256;

// One family of the page, from one of its two sources.
struct Source {
  std::string_view name;
  const prometheus::MetricFamily* own = nullptr;
  const SortedSeries* series = nullptr;
  std::size_t family = 0;  // among those of `series`

  void Write(TextWriter& out) const {
    if (own) return WriteFamily(*own, out);
    const SeriesFamily& of_series = series->families()[family];
    out.Family(of_series.name, of_series.help, of_series.type);
    series->Write(family, out);
  }
};

}  // namespace

SeriesTable& MetricsPage::AddTable(std::vector<SeriesFamily> families, std::uint8_t collector) {
  return tables_.emplace_back(std::move(families), collector);
}

void MetricsPage::KeepTables(std::size_t tables) {
  while (tables_.size() > tables) tables_.pop_back();
}

void MetricsPage::Sort() {
  std::map<std::string_view, std::vector<SeriesTable>> groups;  // by the name of the first family
  for (SeriesTable& table : tables_) {
    const std::string_view name = table.families().front().name;
    groups[name].push_back(std::move(table));
  }
  tables_.clear();
  series_.assign(kCollectors, 0);
  for (auto& [name, tables] : groups) {
    sorted_.emplace_back(std::move(tables));
    sorted_.back().AddCounts(series_);
  }
}

std::size_t MetricsPage::SeriesOf(std::uint8_t collector) const { return series_.at(collector); }

void MetricsPage::Write(const Sink& sink) {
  const std::vector<prometheus::MetricFamily> own = own_.Take();
  std::vector<Source> sources;
  sources.reserve(own.size());
  for (const auto& family : own) sources.push_back({family.name, &family});
  for (const SortedSeries& series : sorted_) {
    for (std::size_t i = 0; i < series.families().size(); ++i)
      sources.push_back({series.families()[i].name, nullptr, &series, i});
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.name < b.name; });
  TextWriter out(sink);
  for (const Source& source : sources) {
    if (out.wanted()) source.Write(out);
  }
  out.End();
}

}  // namespace netchange
