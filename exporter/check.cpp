// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "collectors/collector_set.h"
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

}  // namespace

int CheckStatus(std::span<const CheckedCollector> collectors) {
  const auto blind = std::count_if(collectors.begin(), collectors.end(),
                                   [](const auto& c) { return !c.blind.empty(); });
  if (blind == 0) return 0;
  return blind < static_cast<std::ptrdiff_t>(collectors.size()) ? 1 : kNothing;
}

std::string CheckText(std::span<const CheckedCollector> collectors,
                      std::span<const std::string> notes) {
  std::string text;
  for (const CheckedCollector& collector : collectors) text += TextOf(collector);
  for (const std::string& note : notes) text += note + "\n";
  return text;
}

std::string CheckJson(std::span<const CheckedCollector> collectors,
                      std::span<const std::string> notes) {
  nlohmann::ordered_json json;
  json["status"] = CheckStatus(collectors);
  json["notes"] = notes;
  json["collectors"] = nlohmann::ordered_json::array();
  for (const CheckedCollector& collector : collectors)
    json["collectors"].push_back(JsonOf(collector));
  return json.dump(2) + "\n";
}

int Check(const Config& config, OutputFormat output) {
  const auto checked = Checked(*CollectorSet::Start(config, false, -1));
  const bool traced = std::any_of(checked.begin(), checked.end(), [](const CheckedCollector& c) {
    return c.blind.empty() && !BySystemCalls(c);
  });
  std::vector<std::string> notes;
  if (CheckStatus(checked) != kNothing) notes = MissingCapabilities(Environment::Read());
  const std::string order = traced ? OrderNote(config.backends, KernelPreempts()) : "";
  if (!order.empty()) notes.push_back(order);
  const std::string text =
      output == OutputFormat::kJson ? CheckJson(checked, notes) : CheckText(checked, notes);
  std::fputs(text.c_str(), stdout);
  return CheckStatus(checked);
}

}  // namespace netchange
