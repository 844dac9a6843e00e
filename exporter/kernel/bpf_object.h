// SPDX-License-Identifier: Apache-2.0
// A collector's maps and programs in the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/settings.h"
#include "kernel/hook_plan.h"
#include "kernel/object_file.h"
#include "util/fd.h"
#include "util/result.h"

namespace netchange {

struct ObjectOptions {
  collector id = COLLECTORS;  // the collector of this object
  const char* name = "";      // settings of that collector
  object_settings settings{};
  std::span<const ObjectMap> maps;  // count maps, and maps of calls in flight
  SharedMaps shared;
  std::vector<Backend> backends;          // in order of preference
  std::span<const char* const> programs;  // loaded in addition to those of hooks
  std::vector<MapContents> contents;  // entries for maps that the object does not have are ignored
  std::shared_ptr<LinkPins> pins;     // null: links are not pinned
};

/// The settings of an object: each user has its own part, and only users are traced.
object_settings SettingsOf(std::span<const ObjectOptions* const> users);

/// Sets up an object that is not loaded: its settings, shared maps, and sizes of count maps.
/// `maps`: all maps that collectors have named; those of other collectors than `users` are not
/// created.
Status PrepareObject(ObjectFile& file, std::span<const ObjectOptions* const> users,
                     std::span<const ObjectMap> maps);

/// Begins to read the initial contents of the users' maps, in a thread if this process may have
/// one; otherwise FillMaps() reads them. The destructor of the result waits for it.
std::future<void> ReadContents(std::span<const ObjectOptions* const> users);

/// A hash map whose key begins with a device_ref.
struct CountMap {
  std::string name;
  Holds holds;
  int fd;                  // borrowed
  std::uint32_t capacity;  // entries, without FOLD_ENTRIES
};

/// What a collector has in the kernel: its maps, and its programs, attached. Shares them with other
/// collectors of the same object (traced_functions.h, system_calls.h). When the last of them is
/// destroyed, everything is detached. Reading maps is thread-safe; the rest is not.
class BpfObject {
 public:
  /// The collector's.
  [[nodiscard]] const char* name() const { return name_; }
  /// File descriptor of a map, borrowed; -1 if there is no map of this name.
  [[nodiscard]] int MapFd(const std::string& name) const { return object_->MapFd(name); }
  /// File descriptor of a loaded program, borrowed; -1 if there is none of this name.
  [[nodiscard]] int ProgramFd(const std::string& name) const { return object_->ProgramFd(name); }
  /// For links of its programs; null if links are not pinned.
  [[nodiscard]] std::shared_ptr<LinkPins> pins() const { return pins_.lock(); }
  /// True if the hook of this name is attached.
  [[nodiscard]] bool IsAttached(std::string_view hook) const;
  /// The settings that its programs use.
  [[nodiscard]] const object_settings& settings() const { return settings_; }
  /// The collector whose object it is.
  [[nodiscard]] collector id() const { return id_; }
  /// The maps that the collector has named.
  [[nodiscard]] std::span<const ObjectMap> maps() const { return maps_; }
  /// Adds updates that user space lost, or found to be lost.
  void CountLost(std::uint64_t updates) { lost_ += updates; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  /// True if it traces system calls.
  [[nodiscard]] bool TracesSystemCalls() const { return traces_system_calls_; }
  /// State of each hook, in the order of the tables: functions, then system calls.
  [[nodiscard]] const std::vector<ProbeState>& probes() const { return probes_; }
  /// Events of the collector that were lost because the kernel skipped a program. It skips one
  /// while the same program runs on that CPU, and programs of kprobes and tracepoints while user
  /// space reads or changes a map there.
  [[nodiscard]] std::uint64_t SkippedEvents() const;
  /// The hash maps of counters.
  [[nodiscard]] std::vector<CountMap> CountMaps() const;

 private:
  friend class FunctionObject;
  friend class SyscallObject;
  BpfObject(const ObjectOptions& options, std::shared_ptr<LoadedObject> object);

  std::shared_ptr<LoadedObject> object_;
  std::vector<HookState> hooks_;  // on functions
  bool traces_system_calls_ = false;
  std::set<std::string> event_programs_;  // an event of this collector is lost if one is skipped
  std::vector<ProbeState> probes_;
  collector id_;
  const char* name_;
  std::span<const ObjectMap> maps_;
  std::uint32_t max_entries_;
  object_settings settings_{};
  std::weak_ptr<LinkPins> pins_;
  std::uint64_t lost_ = 0;
};

/// Creates the ring buffer that all objects write to.
Result<Fd> CreateEventRing();
/// Creates the map of cgroups that all objects use.
Result<Fd> CreateCgroupMap();

/// Version of the libbpf at run time: "1.1".
std::string LibbpfVersion();

}  // namespace netchange
