// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "collectors/collector_set.h"
#include "harmless_events.h"
#include "kernel/backend_order.h"
#include "kernel/preemption.h"
#include "kernel/privileges.h"
#include "util/text.h"

namespace netchange {
namespace {

constexpr int kNothing = 2;  // exit status if all collectors are blind

// The backends in use, best first.
std::vector<std::string> BackendsOf(const CheckedCollector& collector) {
  std::vector<std::string> names;
  for (const Backend backend : kAllBackends) {
    const bool used = std::any_of(collector.probes.begin(), collector.probes.end(),
                                  [&](const ProbeState& p) { return p.backend == backend; });
    if (used) names.emplace_back(NameOf(backend));
  }
  return names;
}

bool BySystemCalls(const CheckedCollector& collector) {
  return std::any_of(collector.probes.begin(), collector.probes.end(),
                     [](const ProbeState& p) { return p.backend == Backend::kSyscall; });
}

std::string TextOf(const CheckedCollector& collector) {
  if (!collector.blind.empty()) {
    return fmt::format("{}: FAILED\n  {}\n", collector.name, PrintableText(collector.blind));
  }
  std::string text =
      fmt::format("{}: OK ({})\n", collector.name, fmt::join(BackendsOf(collector), ", "));
  if (BySystemCalls(collector)) {
    const std::string reasons = PrintableText(ReasonsOf(collector.probes));
    if (!reasons.empty()) text += "  better backends unavailable: " + reasons + "\n";
    return text + "  limitations: " + collector.limits + "\n";
  }
  for (const ProbeState& probe : collector.probes) {
    if (probe.backend) continue;
    text += fmt::format("  {}: {}\n", probe.function, PrintableText(probe.reason));
  }
  return text;
}

nlohmann::ordered_json JsonOf(const CheckedCollector& collector) {
  nlohmann::ordered_json json;
  json["collector"] = collector.name;
  json["counts"] = collector.help;
  json["ok"] = collector.blind.empty();
  json["backends"] = BackendsOf(collector);
  if (!collector.blind.empty()) json["reason"] = PrintableText(collector.blind);
  if (BySystemCalls(collector)) json["limitations"] = collector.limits;
  json["probes"] = nlohmann::ordered_json::array();
  for (const ProbeState& probe : collector.probes) {
    nlohmann::ordered_json entry;
    entry["probe"] = probe.function;
    entry["attached"] = probe.backend.has_value();
    if (probe.backend) {
      entry["backend"] = std::string(NameOf(*probe.backend));
    } else {
      entry["reason"] = PrintableText(probe.reason);
    }
    json["probes"].push_back(std::move(entry));
  }
  return json;
}

std::vector<CheckedCollector> Checked(const CollectorSet& set) {
  std::vector<CheckedCollector> checked;
  for (const RunningCollector& collector : set.collectors()) {
    const CollectorSpec& spec = *collector.spec;
    checked.push_back({spec.name, spec.help, {}, "", spec.syscall_limits});
    if (collector.object) {
      checked.back().probes = collector.object->probes();
    } else {
      checked.back().blind = collector.object.error().message;
    }
  }
  return checked;
}

// Events are found by the name of the process that makes them. Their namespace has no name.
Config ForEvents(Config config) {
  config.label_comm = true;
  config.namespaces = config.write_namespaces = {};
  return config;
}

// The collector of an event; null if the configuration does not enable it.
const CheckedCollector* CollectorOf(const HarmlessEvent& event,
                                    const std::vector<CheckedCollector>& collectors) {
  const auto found = std::find_if(collectors.begin(), collectors.end(),
                                  [&](const auto& c) { return c.name == event.collector; });
  return found == collectors.end() ? nullptr : &*found;
}

std::vector<CheckedEvent> CheckEvents(EventMaker& maker, CollectorSet& set,
                                      const std::vector<CheckedCollector>& collectors) {
  const auto events = HarmlessEvents();
  std::vector<bool> wanted;
  for (const HarmlessEvent& event : events)
    wanted.push_back(CollectorOf(event, collectors) != nullptr);
  const std::vector<std::string> failures = maker.Make(wanted);
  std::string page;
  set.Scrape().Write([&](std::string_view text) {
    page += text;
    return true;
  });
  const std::string netns = maker.Netns();
  std::vector<CheckedEvent> checked;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!wanted[i]) continue;
    const CheckedCollector& collector = *CollectorOf(events[i], collectors);
    checked.push_back({collector.name, std::string(events[i].what), BackendsOf(collector),
                       failures[i], CountedOn(page, events[i], netns)});
  }
  return checked;
}

}  // namespace

int CheckStatus(const CheckResult& result) {
  const auto& collectors = result.collectors;
  const auto blind = std::count_if(collectors.begin(), collectors.end(),
                                   [](const auto& c) { return !c.blind.empty(); });
  if (blind && blind == static_cast<std::ptrdiff_t>(collectors.size())) return kNothing;
  const int events = result.events.empty() ? 0 : EventStatus(result.events);
  return std::max(blind ? 1 : 0, events);
}

std::string CheckText(const CheckResult& result) {
  std::string text;
  for (const CheckedCollector& collector : result.collectors) text += TextOf(collector);
  if (!result.events.empty()) text += EventText(result.events);
  for (const std::string& note : result.notes) text += note + "\n";
  return text;
}

std::string CheckJson(const CheckResult& result) {
  nlohmann::ordered_json json;
  json["status"] = CheckStatus(result);
  json["notes"] = result.notes;
  json["collectors"] = nlohmann::ordered_json::array();
  for (const CheckedCollector& collector : result.collectors)
    json["collectors"].push_back(JsonOf(collector));
  if (!result.events.empty()) json["events"] = EventJson(result.events);
  return json.dump(2) + "\n";
}

int Check(const Config& config, OutputFormat output, bool with_events) {
  std::optional<Result<EventMaker>> maker;
  if (with_events) maker.emplace(EventMaker::Start());  // the collectors may start threads
  const auto set = CollectorSet::Start(with_events ? ForEvents(config) : config, false, -1);
  CheckResult result{Checked(*set), {}, {}};
  const bool traced =
      std::any_of(result.collectors.begin(), result.collectors.end(),
                  [](const auto& c) { return c.blind.empty() && !BySystemCalls(c); });
  if (CheckStatus(result) != kNothing) result.notes = MissingCapabilities(Environment::Read());
  const std::string order = traced ? OrderNote(config.backends, KernelPreempts()) : "";
  if (!order.empty()) result.notes.push_back(order);
  if (maker && !*maker) {
    std::fprintf(stderr, "%s\n", maker->error().message.c_str());
    return kNothing;
  }
  if (maker) result.events = CheckEvents(**maker, *set, result.collectors);
  const std::string text = output == OutputFormat::kJson ? CheckJson(result) : CheckText(result);
  std::fputs(text.c_str(), stdout);
  return CheckStatus(result);
}

}  // namespace netchange
