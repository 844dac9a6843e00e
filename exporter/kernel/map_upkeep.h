// SPDX-License-Identifier: Apache-2.0
// Upkeep of a loaded object: deletes what was left behind, and counts what was lost.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "bpf/abi/device.h"
#include "bpf/abi/settings.h"
#include "kernel/bpf_object.h"
#include "kernel/netns.h"
#include "kernel/series_expiry.h"
#include "util/result.h"

namespace netchange {

/// Deletes records of calls whose task has exited: their exits were missed, and are counted as
/// lost. Does nothing if /proc does not show all tasks of the machine. Call for each scrape.
void SweepInflight(BpfObject& object);

/// Deletes entries as ExpireEntries() does, and returns how many. Events that arrive during the
/// call are counted as lost.
std::uint64_t DeleteExpired(BpfObject& object, const ExpiryRules& rules, std::set<NetnsId>& in_use);

/// User space has added an entry to the collector's first count map.
void NoteAddedEntry(BpfObject& object);

/// True if one of its maps is nearly full. `entries`: by map, as read in this scrape.
bool NeedsExpiry(const BpfObject& object, const std::map<std::string, std::size_t>& entries);

/// The object's own counters, plus the events that its programs missed according to the kernel,
/// plus the updates that user space lost. Thread-safe.
Result<collector_statistics> ReadStatistics(const BpfObject& object);

}  // namespace netchange
