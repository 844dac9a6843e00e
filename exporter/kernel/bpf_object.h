// SPDX-License-Identifier: Apache-2.0
// The one place that opens, loads and attaches BPF programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/settings.h"
#include "kernel/bpf_link.h"
#include "kernel/hook_plan.h"
#include "kernel/map_contents.h"
#include "util/fd.h"
#include "util/result.h"

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

struct ObjectOptions {
  collector id = COLLECTORS;  // whose object it is
  object_settings settings{};
  std::span<const ObjectMap> maps;                // those that count, and those of calls in flight
  std::uint32_t max_entries = COUNT_MAP_ENTRIES;  // of each map that counts
  int event_ring = -1;  // file descriptor of the ring buffer that all objects share; borrowed
  std::vector<Backend> backends;          // in order of preference
  std::span<const char* const> programs;  // loaded besides those of hooks, and attached by others
  std::vector<MapContents> contents;      // of maps that an object does not have: passed over
};

/// A hash map whose key begins with a device.
struct CountMap {
  std::string name;
  Holds holds;
  int fd;                  // borrowed
  std::uint32_t capacity;  // entries
};

/// A loaded object with its programs attached. Owns all of it: on destruction everything is
/// detached. Reading maps is thread-safe; the rest is not.
class BpfObject {
 public:
  /// Loads and attaches as many of `hooks` as this kernel takes, trying the backends in their order
  /// for each. An object of which no hook is attached that sees events is an error that says why.
  static Result<BpfObject> Load(const ObjectSource& source, std::span<const Hook> hooks,
                                const KernelFunctions& functions, const ObjectOptions& options);

  /// As its source says.
  [[nodiscard]] const char* name() const;
  /// File descriptor of a map, borrowed; -1 if there is none of that name.
  [[nodiscard]] int MapFd(const char* name) const;
  /// A program by its name, owned by the object; null if there is none.
  [[nodiscard]] bpf_program* FindProgram(const std::string& name) const;
  /// Whether the hook of this name is attached.
  [[nodiscard]] bool IsAttached(std::string_view hook) const;
  /// As its programs have them.
  [[nodiscard]] const object_settings& settings() const { return settings_; }
  /// The collector whose object it is.
  [[nodiscard]] collector id() const { return id_; }
  /// The maps that the collector has named.
  [[nodiscard]] std::span<const ObjectMap> maps() const { return maps_; }
  /// Adds to the updates that user space lost, or found to be lost.
  void CountLost(std::uint64_t updates) { lost_ += updates; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  /// What became of each hook, in the order of the table.
  [[nodiscard]] const std::vector<HookState>& hooks() const { return hooks_; }
  /// The hash maps that count.
  [[nodiscard]] std::vector<CountMap> CountMaps() const;
  /// All of them, also those that are not loaded; owned by the object.
  [[nodiscard]] std::vector<const bpf_program*> Programs() const;

 private:
  static Result<BpfObject> Open(const ObjectSource& source, const ObjectOptions& options);
  // A way that the kernel does not take: of one hook, or of all that go this way (`hook` is null).
  struct Refusal {
    Backend backend;
    const Hook* hook;
    std::string reason;
  };
  static Refusal MakeRefusal(Backend backend, const Hook* hook, const std::string& what, int error);
  static Refusal RefuseSystemCall(const Hook& hook, const Error& error);
  // An error names a program that a hook should have.
  [[nodiscard]] Status CheckPrograms(std::span<const Hook> hooks) const;
  std::optional<Refusal> LoadPrograms(std::span<const char* const> others, Backend suspect);
  Status FillMaps(const std::vector<MapContents>& contents);
  std::optional<Refusal> AttachAll();
  std::optional<Refusal> Attach(const HookState& state);

  struct Close {
    void operator()(bpf_object* object) const;
  };

  std::unique_ptr<bpf_object, Close> object_;
  std::vector<HookState> hooks_;
  std::vector<BpfLink> links_;  // destroyed before the object
  collector id_ = COLLECTORS;
  std::span<const ObjectMap> maps_;
  object_settings settings_{};
  std::uint64_t lost_ = 0;
};

/// The ring buffer that all objects write to. An error says why there is none.
Result<Fd> CreateEventRing();

/// The version of the libbpf that this program runs with: "1.1".
std::string LibbpfVersion();

}  // namespace netchange
