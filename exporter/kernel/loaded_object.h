// SPDX-License-Identifier: Apache-2.0
// The owner of a libbpf object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/settings.h"
#include "kernel/bpf_link.h"
#include "kernel/map_contents.h"
#include "util/result.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace netchange {

/// A compiled BPF object as it lies in this program.
struct ObjectSource {
  const char* name;
  std::span<const std::byte> elf;
};

/// What a map holds.
enum class Holds {
  kCounter,              // struct counter, by a key that begins with a device_ref
  kConfigWriteCounters,  // struct config_write_counters, the same
  kConfigValue,          // struct config_value, the same
  kHistogram,            // struct duration_histogram, the same
  kCalls,                // calls in flight, by inflight_key
};

struct ObjectMap {
  const char* name;
  Holds holds;
};

/// True if its entries become series.
inline bool Counts(const ObjectMap& map) { return map.holds != Holds::kCalls; }

/// A libbpf object with its links: on destruction everything is detached. Not thread-safe.
class LoadedObject {
 public:
  /// Opens it. No program is to be loaded yet. `event_ring`: file descriptor of the ring buffer
  /// that all objects share, borrowed; -1: the object makes its own.
  static Result<LoadedObject> Open(const ObjectSource& source, const object_settings& settings,
                                   int event_ring);

  /// Before the load: the entries of each map that counts.
  Status SetMaxEntries(std::span<const ObjectMap> maps, std::uint32_t entries);
  /// Before the load: a map that is not created. No program that is loaded uses it.
  void Omit(const ObjectMap& map);
  /// Before the load: a program that is to be loaded. False if there is none of this name.
  bool Want(const std::string& program);
  /// 0, or the errno.
  int Load();
  /// After the load. Contents of maps that the object does not have are passed over.
  Status FillMaps(const std::vector<MapContents>& contents);
  void Keep(BpfLink link) { links_.push_back(std::move(link)); }

  [[nodiscard]] bpf_object* get() const { return object_.get(); }
  /// Null if there is none of this name.
  [[nodiscard]] bpf_map* FindMap(const char* name) const;
  /// File descriptor of a map, borrowed; -1 if there is none of this name.
  [[nodiscard]] int MapFd(const char* name) const;
  /// Null if there is none of this name.
  [[nodiscard]] bpf_program* FindProgram(const std::string& name) const;
  /// All of them, also those that are not loaded; owned by the object.
  [[nodiscard]] std::vector<const bpf_program*> Programs() const;

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };

  std::unique_ptr<bpf_object, Close> object_;
  std::vector<BpfLink> links_;  // destroyed before the object
};

}  // namespace netchange
