// SPDX-License-Identifier: Apache-2.0
// Upkeep of a loaded object: deletes what was left behind, and counts what was lost.
#pragma once

#include <cstdint>
#include <functional>
#include <set>

#include "bpf/abi/device.h"
#include "bpf/abi/settings.h"
#include "kernel/bpf_object.h"
#include "kernel/netns.h"
#include "util/result.h"

namespace netchange {

/// Deletes records of calls whose task has exited: their exits were missed, and are counted as
/// lost. Does nothing if /proc does not show all tasks of the machine. Call for each scrape.
void SweepInflight(BpfObject& object);

/// Deletes series of deleted devices and namespaces that had no event since `before_ns` (boot
/// time), as ExpireEntries() does. Returns the number of entries. Events that arrive during the
/// call are counted as lost.
std::uint64_t DeleteExpired(BpfObject& object, std::uint64_t before_ns,
                            const std::function<bool(const device_ref&)>& deleted,
                            std::set<NetnsId>& in_use);

/// The object's own counters, plus the events that its programs missed according to the kernel,
/// plus the updates that user space lost. Thread-safe.
Result<collector_statistics> ReadStatistics(const BpfObject& object);

}  // namespace netchange
