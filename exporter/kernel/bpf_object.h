// SPDX-License-Identifier: Apache-2.0
// The one place that opens, loads and attaches BPF programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bpf/abi/settings.h"
#include "kernel/bpf_link.h"
#include "kernel/hook_plan.h"
#include "kernel/map_contents.h"
#include "kernel/netns.h"
#include "util/fd.h"
#include "util/result.h"

struct bpf_object;
struct bpf_program;
struct device_ref;

namespace netchange {

/// A compiled BPF object as it lies in this program.
struct ObjectSource {
  const char* name;
  std::span<const std::byte> elf;
};

struct ObjectOptions {
  collector_settings settings{};
  std::uint32_t max_entries = 16384;  // of each map that counts
  int event_ring = -1;  // file descriptor of the ring buffer that all objects share; borrowed
  std::vector<Backend> backends;          // in order of preference
  std::span<const char* const> programs;  // loaded besides those of hooks, and attached by others
  std::vector<MapContents> contents;      // of maps that an object does not have: passed over
};

/// A function that is observed without a hook of the table.
struct ProbeState {
  std::string function;
  Backend backend;
  std::string reason;  // why it is not observed; empty: it is
};

struct MapUse {
  std::string name;
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
  /// Whether the function is observed by a hook.
  [[nodiscard]] bool Observes(std::string_view function) const;
  /// As its programs have them.
  [[nodiscard]] const collector_settings& settings() const { return settings_; }
  /// Adds to the object's lost updates what user space lost.
  void CountLost(std::uint64_t updates) { lost_ += updates; }
  /// What became of each hook, in the order of the table.
  [[nodiscard]] const std::vector<HookState>& hooks() const { return hooks_; }
  /// The hash maps that count.
  [[nodiscard]] std::vector<MapUse> CountMaps() const;
  /// Takes away what calls of tasks that are gone left behind: their exits were missed, and are
  /// counted as lost. Does nothing where /proc does not show the tasks of the whole machine. For
  /// each scrape.
  void SweepInflight();
  /// Takes away the series of what is gone and had no event since `before_ns` (boot time), as
  /// ExpireEntries() does; how many entries. Events that come meanwhile are counted as lost.
  std::uint64_t Expire(std::uint64_t before_ns, const std::function<bool(const device_ref&)>& gone,
                       std::set<NetnsId>& in_use);
  /// The object's own counters, plus the events that the kernel says its programs missed.
  [[nodiscard]] Result<collector_statistics> Statistics() const;

 private:
  [[nodiscard]] bool LosesEvents(const std::string& program) const;
  static Result<BpfObject> Open(const ObjectSource& source, const ObjectOptions& options);
  // A way that the kernel does not take: of one hook, or of all that go this way (`hook` is null).
  struct Refusal {
    Backend backend;
    const Hook* hook;
    std::string reason;
  };
  static Refusal MakeRefusal(Backend backend, const Hook* hook, const std::string& what, int error);
  static Refusal RefuseSystemCall(const Hook& hook, const Error& error);
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
  collector_settings settings_{};
  // By user space; calls whose exit was missed; events of series that went.
  std::uint64_t lost_ = 0;
};

/// The ring buffer that all objects write to. An error says why there is none.
Result<Fd> CreateEventRing();

/// The version of the libbpf that this program runs with: "1.1".
std::string LibbpfVersion();

}  // namespace netchange
