// SPDX-License-Identifier: Apache-2.0
#include "collectors/collector_set.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "collectors/ethtool_dumps.h"
#include "collectors/tables.h"
#include "kernel/backend_order.h"
#include "kernel/cpus.h"
#include "kernel/ethtool_family.h"
#include "kernel/map_upkeep.h"
#include "kernel/netns.h"
#include "kernel/preemption.h"
#include "kernel/privileges.h"
#include "kernel/proc.h"
#include "kernel/series_expiry.h"
#include "kernel/traced_functions.h"
#include "util/log.h"
#include "util/text.h"

namespace netchange {
namespace {

ObjectOptions OptionsFor(const Config& config, bool emit_events, int event_ring) {
  ObjectOptions options;
  options.settings.label_comm = config.label_comm;
  options.settings.label_parent_comm = config.label_parent_comm;
  options.settings.label_unit = config.label_unit;
  options.settings.ethtool_slow_ns = config.ethtool_slow.count();
  options.settings.emit_events = emit_events && event_ring >= 0;
  options.settings.ethtool_family = ResolveEthtoolFamily();
  options.settings.cpu_ids = CpuIds();
  options.settings.max_entries = config.max_entries;
  options.shared.events = event_ring;
  const bool preempts = KernelPreempts();
  options.backends = InOrderFor(config.backends, preempts);
  const std::string note = OrderNote(config.backends, preempts);
  // With `auto` the order was already corrected.
  if (!note.empty() && options.backends == config.backends)
    LogWarn("fexit can lose events on this kernel", {{"reason", note}});
  return options;
}

CombinedFilter DevicesOf(const Config& config, const CollectorSpec& spec) {
  return {config.devices,
          spec.filters == Filters::kConfigWrites ? config.write_devices : NameFilter{}};
}

// Sets the options that differ between collectors.
void SetCollector(const Config& config, collector id, const CombinedFilter& devices,
                  ObjectOptions& options) {
  const CollectorSpec& spec = *AllCollectors()[id];
  const CombinedFilter settings(
      spec.filters == Filters::kConfigWrites ? config.write_settings : NameFilter{}, {});
  options.id = id;
  options.name = spec.name;
  options.maps = spec.maps;
  options.programs = spec.programs;
  options.settings.collectors[id].filter_devices = devices.otherwise();
  options.settings.collectors[id].filter_settings = settings.otherwise();
  options.contents = {devices.Contents("device_filter", id),
                      settings.Contents("setting_filter", id)};
  if (spec.contents) options.contents.push_back(spec.contents());
}

void LogState(const RunningCollector& collector) {
  if (!collector.object) {
    LogWarn("collector is blind",
            {{"collector", collector.spec->name}, {"reason", collector.object.error().message}});
    return;
  }
  const bool system_calls = collector.object->TracesSystemCalls();
  if (system_calls) {
    const std::string reason = ReasonsOf(collector.object->probes());
    LogInfo("system calls are traced, which costs more and shows less than kernel functions",
            {{"collector", collector.spec->name},
             {"reason", reason.empty() ? "backend is set to syscall" : reason}});
  }
  for (const ProbeState& probe : collector.object->probes()) {
    if (probe.backend) {
      LogDebug("attached", {{"collector", collector.spec->name},
                            {"probe", probe.function},
                            {"backend", NameOf(*probe.backend)}});
    } else if (!system_calls) {  // otherwise already logged
      LogInfo("not attached", {{"collector", collector.spec->name},
                               {"probe", probe.function},
                               {"reason", probe.reason}});
    }
  }
}

}  // namespace

EventDevice DeviceOfEvent(const event& e, const RenderContext& context) {
  return {PrintableText(e.device.name), context.netns.NameOrId(e.device)};
}

std::span<const CollectorSpec* const> AllCollectors() {
#define COLLECTOR(name, NAME, Stem) &Stem##Collector(),
  static const CollectorSpec* const all[] = {
#include "bpf/abi/collectors.def"
  };
#undef COLLECTOR
  return all;
}

namespace {

KernelFunctions FunctionsToTrace(const Config& config, const KernelBtf& types) {
  std::set<std::string, std::less<>> names;
  for (const CollectorSpec* spec : AllCollectors()) {
    for (const Hook& hook : spec->hooks) {
      for (const char* function : hook.functions) {
        if (function) names.emplace(function);
      }
    }
  }
  AddDumpFunctions(names);
  auto functions = KernelFunctions::Read(types, names);
  for (const std::string& function : config.skip_functions) functions.Skip(function);
  return functions;
}

// A collector during its start.
struct Starting {
  const CollectorSpec* spec;
  ObjectOptions options;
  CombinedFilter devices;
  std::vector<ProbeState> functions = {};  // states of the hooks on functions
  Result<BpfObject> object = Error{"not started"};
};

std::vector<Starting> Choose(const Config& config, ObjectOptions options) {
  std::vector<Starting> all;
  for (int id = 0; id < COLLECTORS; ++id) {
    const CollectorSpec& spec = *AllCollectors()[id];
    if (!config.CollectorEnabled(spec.name)) continue;
    CombinedFilter devices = DevicesOf(config, spec);
    SetCollector(config, static_cast<collector>(id), devices, options);
    all.push_back({&spec, options, std::move(devices)});
  }
  return all;
}

std::vector<ObjectMap> MapsOfAll() {
  std::vector<ObjectMap> maps;
  for (const CollectorSpec* spec : AllCollectors())
    maps.insert(maps.end(), spec->maps.begin(), spec->maps.end());
  return maps;
}

void TraceFunctions(const KernelBtf& types, const KernelFunctions& functions,
                    std::span<const ObjectMap> maps, std::span<Starting> all) {
  ObjectSource elf = ELF_OF(functions);
  elf.types = &types;
  const RefusedBackends refused = BackendsWithoutHope();
  std::vector<FunctionUser> users;
  users.reserve(all.size());
  for (const Starting& one : all) users.push_back({one.options, one.spec->hooks});
  auto parts = LoadFunctions({elf, functions, refused, maps}, users);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].functions = std::move(parts[i].probes);
    all[i].object = std::move(parts[i].object);
  }
}

// For collectors that cannot trace a function that counts events.
void TraceSystemCalls(const KernelBtf& types, std::span<const ObjectMap> maps,
                      std::span<Starting> all) {
  ObjectSource elf = ELF_OF(syscall);
  elf.types = &types;
  std::vector<SyscallUser> users;
  std::vector<Starting*> blind;
  for (Starting& one : all) {
    if (one.object || one.spec->system_calls.empty()) continue;
    blind.push_back(&one);
    users.push_back({one.options, one.spec->system_calls, one.functions});
  }
  auto objects = LoadSystemCalls(elf, users, maps);
  for (std::size_t i = 0; i < blind.size(); ++i) blind[i]->object = std::move(objects[i]);
}

bool Wants(const ObjectOptions& options, Backend backend) {
  return std::count(options.backends.begin(), options.backends.end(), backend) != 0;
}

void Load(const Config& config, const KernelBtf& types, std::span<Starting> all) {
  const KernelFunctions functions = FunctionsToTrace(config, types);
  for (Starting& one : all) one.options.settings.ethtool_device_dumps = DeviceDumps(functions);
  const std::vector<ObjectMap> maps = MapsOfAll();
  TraceFunctions(types, functions, maps, all);
  if (!all.empty() && Wants(all.front().options, Backend::kSyscall))
    TraceSystemCalls(types, maps, all);
}

}  // namespace

std::unique_ptr<CollectorSet> CollectorSet::Start(const Config& config, bool emit_events,
                                                  int event_ring) {
  std::unique_ptr<CollectorSet> set(new CollectorSet(config));
  for (const std::string& missing : MissingCapabilities(Environment::Read()))
    LogWarn("missing capability", {{"reason", missing}});
  ObjectOptions options = OptionsFor(config, emit_events, event_ring);
  if (auto cgroups = CreateCgroupMap())
    set->cgroups_ = std::move(*cgroups);
  else  // each object has its own
    LogWarn("collectors do not share what they know of cgroups",
            {{"reason", cgroups.error().message}});
  options.shared.cgroups = set->cgroups_.get();
  options.pins = set->pins_ = LinkPins::Create();
  if (!options.settings.ethtool_family) {
    LogInfo("this kernel has no ethtool netlink; only ioctl commands are counted");
  }
  set->AddAll(config, options);
  malloc_trim(0);  // libbpf and the kernel's types took some 30 MB, which would stay
  return set;
}

void CollectorSet::AddAll(const Config& config, const ObjectOptions& options) {
  std::vector<Starting> all = Choose(config, options);
  const auto types = KernelBtf::Read();  // collectors read them, too, when they start
  if (types) Load(config, **types, all);
  for (Starting& one : all) {
    if (!types) one.object = types.error();
    Add(one.spec, std::move(one.object), std::move(one.devices), config);
  }
}

void CollectorSet::Add(const CollectorSpec* spec, Result<BpfObject> object, CombinedFilter devices,
                       const Config& config) {
  RunningCollector collector{spec, std::move(object), std::move(devices)};
  collector.namespaces = {config.namespaces, spec->filters == Filters::kConfigWrites
                                                 ? config.write_namespaces
                                                 : NameFilter{}};
  collector.counting_since_ns = BootNanoseconds();
  LogState(collector);
  if (collector.object && spec->start)
    collector.state = spec->start(*collector.object, config.skip_functions);
  collectors_.push_back(std::move(collector));
}

std::size_t CollectorSet::Working() const {
  return std::count_if(collectors_.begin(), collectors_.end(),
                       [](const auto& c) { return bool(c.object); });
}

std::uint64_t CollectorSet::LostEvents() const {
  std::uint64_t lost = 0;
  for (const RunningCollector& collector : collectors_) {
    if (!collector.object) continue;
    if (const auto statistics = ReadStatistics(*collector.object)) lost += statistics->lost_events;
  }
  return lost;
}

bool CollectorSet::Takes(const event& e) {
  const auto collector = std::find_if(
      collectors_.begin(), collectors_.end(),
      [&](const RunningCollector& one) { return one.object && one.object->id() == e.collector; });
  return collector == collectors_.end() || collector->namespaces.Takes(e.device, netns_);
}

void CollectorSet::ReportLostEvents() {
  const std::lock_guard lock(mutex_);
  ReportLosses();
}

void CollectorSet::ReportLosses() {
  for (const RunningCollector& collector : collectors_) {
    if (!collector.object) continue;
    if (const auto statistics = ReadStatistics(*collector.object))
      losses_.Report(*collector.object, statistics->lost_events);
  }
}

ScrapeResult CollectorSet::ScrapeOne(RunningCollector& collector, netchange::Scrape& scrape) {
  scrape.namespaces = &collector.namespaces;
  const auto start = std::chrono::steady_clock::now();
  const std::size_t tables = scrape.out.Tables();
  Status status;
  if (collector.object) {
    SweepInflight(*collector.object);
    status = collector.spec->collect(collector, scrape);
    if (NeedsExpiry(*collector.object, scrape.map_entries)) scrape.needs_expiry = true;
  }
  if (!status) {
    scrape.out.KeepTables(tables);  // no half of a map
    LogError("scrape failed",
             {{"collector", collector.spec->name}, {"reason", status.error().message}});
  }
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - start;
  return {duration.count(), collector.object && status, 0};
}

void CollectorSet::ExpireSeries(bool now_needed) {
  const std::chrono::nanoseconds now(BootNanoseconds());
  const bool expires = series_expiry_.count() != 0 && ProcShowsAllTasks() && MayReadNetns();
  const std::chrono::nanoseconds minute = std::chrono::minutes(1);
  const auto often = expires ? std::min(series_expiry_, minute) : minute;
  if (now - last_expiry_ < often && !now_needed) return;
  last_expiry_ = now;
  const auto before = expires ? now - series_expiry_ : std::chrono::nanoseconds(0);
  std::optional<LiveDevices> devices;
  std::set<NetnsId> in_use;
  const auto deleted = [&](const device_ref& device) {
    if (!expires) return false;
    if (!devices) devices.emplace(ListNetns());
    return devices->IsDeleted(device);
  };
  std::uint64_t removed = 0;
  for (RunningCollector& collector : collectors_) {
    const auto unwanted = [&](const device_ref& device) {
      return !collector.namespaces.Takes(device, netns_);
    };
    if (collector.object)
      removed +=
          DeleteExpired(*collector.object,
                        {static_cast<std::uint64_t>(std::max<std::int64_t>(before.count(), 0)),
                         deleted, unwanted},
                        in_use);
  }
  netns_.KeepOnly(in_use);
  if (removed) LogDebug("series expired", {{"entries", std::to_string(removed)}});
}

MetricsPage CollectorSet::Scrape() {
  const std::lock_guard lock(mutex_);
  clock_.Refresh();
  MetricsPage page;
  netchange::Scrape scrape{context(), page};
  std::vector<ScrapeResult> results;
  for (RunningCollector& collector : collectors_) {
    results.push_back(ScrapeOne(collector, scrape));
    ++scrape.collector;
  }
  page.Sort();
  for (std::size_t i = 0; i < collectors_.size(); ++i) {
    results[i].series = page.SeriesOf(static_cast<std::uint8_t>(i));
    AddCollectorMetrics(collectors_[i], results[i], scrape);
  }
  page.own().AddCounter("netchange_lost_events_total", "Events that the event log lost.", {},
                        static_cast<double>(LostEvents()));
  AddExporterMetrics(page.own());
  ReportLosses();
  ExpireSeries(scrape.needs_expiry);  // expired series are on this page for the last time
  return page;
}

}  // namespace netchange
