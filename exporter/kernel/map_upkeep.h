// SPDX-License-Identifier: Apache-2.0
// What a loaded object needs while it runs: what is left behind is taken away, what is lost is
// counted.
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

/// Deletes what calls of tasks that ended left behind: their exits were missed, and are counted as
/// lost. Does nothing where /proc does not show the tasks of the whole machine. For each scrape.
void SweepInflight(BpfObject& object);

/// Deletes the series whose device or namespace was deleted and that had no event since `before_ns`
/// (boot time), as ExpireEntries() does; how many entries. Events that come meanwhile are counted
/// as lost.
std::uint64_t DeleteExpired(BpfObject& object, std::uint64_t before_ns,
                            const std::function<bool(const device_ref&)>& deleted,
                            std::set<NetnsId>& in_use);

/// The object's own counters, plus the events that its programs missed as the kernel reports it,
/// plus what user space counted as lost. Thread-safe.
Result<collector_statistics> ReadStatistics(const BpfObject& object);

}  // namespace netchange
