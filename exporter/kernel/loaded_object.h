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

/// A compiled BPF object, embedded in this program.
struct ObjectSource {
  const char* name;
  std::span<const std::byte> elf;
};

/// Contents of a map.
enum class Holds {
  kCounter,              // struct counter; the key begins with a device_ref
  kEthtoolCounters,      // struct ethtool_counters; the key begins with a device_ref
  kConfigWriteCounters,  // struct config_write_counters; the key begins with a device_ref
  kConfigValue,          // struct config_value; the key begins with a device_ref
  kHistogram,            // struct duration_histogram; the key begins with a device_ref
  kCalls,                // calls in flight, by inflight_key
};

struct ObjectMap {
  const char* name;
  Holds holds;
};

/// True if its entries become series.
inline bool Counts(const ObjectMap& map) { return map.holds != Holds::kCalls; }

/// Maps that all objects share: file descriptors, borrowed. -1: each object creates its own.
struct SharedMaps {
  int events = -1;
  int cgroups = -1;
};

/// A libbpf object with its links. The destructor detaches everything. Not thread-safe.
class LoadedObject {
 public:
  /// Opens the object without selecting programs to load.
  static Result<LoadedObject> Open(const ObjectSource& source, const object_settings& settings,
                                   const SharedMaps& shared);

  /// Call before loading. Sets the entries of each count map.
  Status SetMaxEntries(std::span<const ObjectMap> maps, std::uint32_t entries);
  /// Call before loading. Does not create this map; no loaded program may use it.
  Status Omit(const ObjectMap& map);
  /// Call before loading. Selects a program to load. False if there is none of this name.
  bool Want(const std::string& program);
  /// Returns 0 or the errno.
  int Load();
  /// Call after loading. Ignores contents of maps that the object does not have.
  Status FillMaps(const std::vector<MapContents>& contents);
  void Keep(BpfLink link) { links_.push_back(std::move(link)); }

  [[nodiscard]] bpf_object* get() const { return object_.get(); }
  /// The error for `part`, such as "map events", that the object does not have.
  [[nodiscard]] Error Missing(const std::string& part) const;
  /// Null if there is none of this name.
  [[nodiscard]] bpf_map* FindMap(const char* name) const;
  /// File descriptor of a map, borrowed; -1 if there is none of this name.
  [[nodiscard]] int MapFd(const char* name) const;
  /// Null if there is none of this name.
  [[nodiscard]] bpf_program* FindProgram(const std::string& name) const;
  /// All programs, including those that are not loaded. Owned by the object.
  [[nodiscard]] std::vector<const bpf_program*> Programs() const;

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };

  std::unique_ptr<bpf_object, Close> object_;
  std::vector<BpfLink> links_;  // destroyed before the object
};

}  // namespace netchange
