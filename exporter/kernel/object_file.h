// SPDX-License-Identifier: Apache-2.0
// A compiled BPF object before it is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "bpf/abi/settings.h"
#include "kernel/kernel_btf.h"
#include "kernel/loaded_object.h"
#include "util/result.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace netchange {

/// A compiled BPF object, embedded in this program.
struct ObjectSource {
  const char* name;
  std::span<const std::byte> elf;
  const KernelBtf* types = nullptr;  // borrowed; null: libbpf reads them
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

/// A compiled object, opened by libbpf, of which a part is loaded. Takes some megabytes: destroy it
/// after loading. Not thread-safe.
class ObjectFile {
 public:
  /// Opens the object without selecting programs to load.
  static Result<ObjectFile> Open(const ObjectSource& source);

  /// For objects of collectors, before they are loaded.
  Status SetUp(const object_settings& settings, const SharedMaps& shared);
  /// Sets the entries of each count map; FOLD_ENTRIES are added.
  Status SetMaxEntries(std::span<const ObjectMap> maps, std::uint32_t entries);
  /// Does not create this map; no loaded program may use it.
  Status Omit(const ObjectMap& map);
  /// Selects a program to load. False if there is none of this name.
  bool Want(const std::string& program);
  /// Sets the kernel function of a program for fentry or fexit. False, with errno, if this kernel
  /// does not have it.
  bool SetFunction(const std::string& program, const char* function);
  [[nodiscard]] bool HasProgram(const std::string& name) const { return FindProgram(name); }
  /// The error for `part`, such as "map events", that the object does not have.
  [[nodiscard]] Error Missing(const std::string& part) const;
  /// Loads the maps and the selected programs into the kernel. Null, with errno, if it refuses.
  /// Call once.
  std::shared_ptr<LoadedObject> Load();

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };
  [[nodiscard]] bpf_map* FindMap(const char* name) const;
  [[nodiscard]] bpf_program* FindProgram(const std::string& name) const;

  std::unique_ptr<bpf_object, Close> object_;
  Fd types_;  // of the kernel: those that the object needs
};

}  // namespace netchange
