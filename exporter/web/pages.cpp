// SPDX-License-Identifier: Apache-2.0
#include "web/pages.h"

#include <fmt/format.h>

#include <memory>

#include "events/formats.h"
#include "metrics/metrics_page.h"
#include "metrics/text_writer.h"
#include "util/text.h"
#include "version.h"

namespace netchange {
namespace {

constexpr std::size_t kChangesOnLandingPage = 25;
constexpr std::size_t kChangesAsJson = 1000;

constexpr char kPage[] = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>netchange_exporter</title>
<style>
body {{ font-family: sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #1b1f24; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: 0.25em 1em 0.25em 0; border-bottom: 1px solid #d8dee4; vertical-align: top; }}
.scroll {{ overflow-x: auto; }}
.scroll td {{ white-space: nowrap; }}
.bad {{ color: #b42318; }}
code {{ font-family: monospace; }}
</style>
</head>
<body>
<h1>netchange_exporter</h1>
<p>Version {version}. Counts who runs ethtool commands, attaches XDP programs and writes network settings on this host.</p>
<p><a href="{path}">Metrics</a> · <a href="/changes">Newest changes as JSON</a> · <a href="/-/healthy">Health</a></p>
<h2>Collectors</h2>
<table>
<tr><th>Collector</th><th>Counts</th><th>State</th></tr>
{collectors}</table>
<h2>Newest changes</h2>
{changes}
</body>
</html>
)";

std::string ProbeLine(const ProbeState& probe) {
  const std::string state =
      probe.backend ? std::string(NameOf(*probe.backend)) : "missing: " + probe.reason;
  return "<div><code>" + HtmlText(probe.function) + "</code> " + HtmlText(PrintableText(state)) +
         "</div>";
}

// A collector that traces: the number of its hooks, and on a click their names.
std::string HooksCell(const std::vector<ProbeState>& probes) {
  std::string lines;
  std::size_t attached = 0;
  for (const ProbeState& probe : probes) {
    lines += ProbeLine(probe);
    attached += probe.backend.has_value();
  }
  return fmt::format("<details><summary>OK, {} hooks attached, {} missing</summary>{}</details>",
                     attached, probes.size() - attached, lines);
}

std::string CollectorRow(const RunningCollector& collector) {
  const std::string state =
      collector.object ? HooksCell(ProbesOf(collector))
                       : "<span class=\"bad\">blind: " +
                             HtmlText(PrintableText(collector.object.error().message)) + "</span>";
  return fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", collector.spec->name,
                     HtmlText(collector.spec->help), state);
}

std::string WithMessage(const Change& change) {
  const std::string& message = change.description.message;
  return message.empty() ? change.result : change.result + ": " + message;
}

std::string ChangeRow(const Change& change) {
  const std::string device =
      change.netns.empty() ? change.device : change.device + " in " + change.netns;
  std::string row = "<tr>";
  for (const std::string& cell :
       {Rfc3339(change.time_ns).substr(0, 19) + "Z", device, change.description.what,
        change.description.change + change.description.words, WithMessage(change),
        change.process + " (" + std::to_string(change.pid) + ")",
        change.parent + " (" + std::to_string(change.parent_pid) + ")", change.unit, change.exe}) {
    row += "<td>" + HtmlText(cell) + "</td>";
  }
  return row + "</tr>\n";
}

std::string ChangesTable(const std::vector<Change>& newest) {
  if (newest.empty()) return "<p>No changes since the exporter started.</p>";
  std::string table =
      "<div "
      "class=\"scroll\"><table>\n<tr><th>Time</th><th>Device</th><th>What</th><th>Change</"
      "th><th>Result</th>"
      "<th>Process</th><th>Parent</th><th>Unit</th><th>Executable</th></tr>\n";
  for (const Change& change : newest) table += ChangeRow(change);
  return table + "</table></div>";
}

}  // namespace

std::string LandingPage(const std::string& telemetry_path,
                        const std::vector<RunningCollector>& collectors,
                        const std::vector<Change>& newest) {
  std::string rows;
  for (const RunningCollector& collector : collectors) rows += CollectorRow(collector);
  return fmt::format(kPage, fmt::arg("version", HtmlText(kVersion)),
                     fmt::arg("path", HtmlText(telemetry_path)), fmt::arg("collectors", rows),
                     fmt::arg("changes", ChangesTable(newest)));
}

WebServer::Routes MakeRoutes(const std::string& telemetry_path, CollectorSet& collectors,
                             const EventLog& log) {
  const auto alive = [] {
    return Response{200, "text/plain; charset=utf-8", "netchange_exporter is healthy\n"};
  };
  return {
      {telemetry_path,
       [&] {
         const auto page = std::make_shared<MetricsPage>(collectors.Scrape());
         return Response{200, kTextContentType, "",
                         [page](const Sink& sink) { page->Write(sink); }};
       }},
      {"/",
       [&, telemetry_path] {
         const auto lock = collectors.Lock();
         return Response{200, "text/html; charset=utf-8",
                         LandingPage(telemetry_path, collectors.collectors(),
                                     log.Newest(kChangesOnLandingPage))};
       }},
      {"/changes",
       [&] {
         return Response{200, "application/json", JsonArray(log.Newest(kChangesAsJson))};
       }},
      {"/-/healthy", alive},
      {"/-/ready", alive},
  };
}

}  // namespace netchange
