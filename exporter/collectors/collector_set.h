// SPDX-License-Identifier: Apache-2.0
// The running collectors, and the page that they make together.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "collectors/event_losses.h"
#include "collectors/running_collector.h"
#include "collectors/scrape.h"
#include "collectors/self_metrics.h"
#include "config.h"
#include "kernel/clock.h"
#include "kernel/irq_devices.h"
#include "kernel/netns_names.h"
#include "metrics/render_context.h"
#include "util/fd.h"

namespace netchange {

/// Owns the BPF objects. Scrape() is thread-safe: one scrape at a time.
class CollectorSet {
 public:
  /// Loads the collectors that the configuration enables. It never fails as a whole: a collector
  /// that is blind has the reason, which is logged, too. `event_ring` is borrowed.
  static std::unique_ptr<CollectorSet> Start(const Config& config, bool emit_events,
                                             int event_ring);

  /// Reads all maps now. The page is ready to be written, without the lock.
  MetricsPage Scrape();

  /// Keeps scrapes out while the caller reads collectors().
  [[nodiscard]] std::unique_lock<std::mutex> Lock() { return std::unique_lock(mutex_); }
  [[nodiscard]] const std::vector<RunningCollector>& collectors() const { return collectors_; }
  /// The number of collectors that are not blind.
  [[nodiscard]] std::size_t Working() const;
  /// False if the configuration excludes the event's namespace. The kernel side does not know
  /// names. Thread-safe.
  [[nodiscard]] bool Takes(const event& e);
  /// Logs who lost events since the last scrape or report.
  void ReportLostEvents();
  /// Events of all collectors that the ring buffer lost.
  [[nodiscard]] std::uint64_t LostEvents() const;
  /// Renders this set's entries and events; valid as long as the set.
  [[nodiscard]] RenderContext context() { return {clock_, netns_, irqs_}; }

 private:
  explicit CollectorSet(const Config& config) : series_expiry_(config.series_expiry) {}
  void AddAll(const Config& config, const ObjectOptions& options);
  void Add(const CollectorSpec* spec, Result<BpfObject> object, CombinedFilter devices,
           const Config& config);
  // Deletes expired entries and those of unwanted namespaces. Runs at most once a minute, or once
  // per series_expiry if that is shorter, or if `now_needed`.
  void ExpireSeries(bool now_needed);
  void ReportLosses();
  ScrapeResult ScrapeOne(RunningCollector& collector, netchange::Scrape& scrape);

  std::vector<RunningCollector> collectors_;
  NetnsNames netns_;
  IrqDevices irqs_;
  std::mutex mutex_;  // held during a scrape
  KernelClock clock_;
  EventLosses losses_;
  Fd cgroups_;                                    // map that all objects share
  const std::chrono::nanoseconds series_expiry_;  // 0: never
  std::chrono::nanoseconds last_expiry_{0};       // boot time
  std::shared_ptr<LinkPins> pins_;                // destroyed first: all links end together
};

}  // namespace netchange
