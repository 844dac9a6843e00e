// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "bpf/abi/cgroup.h"
#include "bpf/abi/event.h"
#include "kernel/privileges.h"

namespace netchange {
namespace {

// The first of `backends` that the plan uses: the kernel does not say which program it refused.
Backend FirstBackend(const std::vector<HookState>& plan, std::span<const Backend> backends) {
  for (const Backend backend : backends) {
    if (std::any_of(plan.begin(), plan.end(),
                    [&](const HookState& h) { return h.backend == backend; })) {
      return backend;
    }
  }
  return backends.front();
}

}  // namespace

Result<Fd> CreateEventRing() {
  Fd ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, EVENT_RING_SIZE, nullptr));
  if (!ring) return SystemError("create the event ring buffer (needs root, or CAP_BPF)", errno);
  return ring;
}

Result<Fd> CreateCgroupMap() {
  Fd map(bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "cgroups", sizeof(cgroup_key), sizeof(cgroup_names),
                        CGROUPS, nullptr));
  if (!map) return SystemError("create the map of cgroups (needs root, or CAP_BPF)", errno);
  return map;
}

std::string LibbpfVersion() {
  return fmt::format("{}.{}", libbpf_major_version(), libbpf_minor_version());
}

BpfObject::BpfObject(std::shared_ptr<LoadedObject> object, const ObjectOptions& options)
    : object_(std::move(object)),
      id_(options.id),
      name_(options.name),
      maps_(options.maps),
      settings_(options.settings) {}

// Each round tries the current plan. A refusal is noted, and the next round avoids it. This
// terminates: a round either succeeds or removes at least one of finitely many combinations.
Result<BpfObject> BpfObject::Load(const ObjectSource& source, std::span<const Hook> hooks,
                                  const KernelFunctions& functions, const ObjectOptions& options,
                                  std::vector<ProbeState>& probes) {
  Refusals refusals;
  for (;;) {
    auto opened = LoadedObject::Open(source, options.settings, options.shared);
    if (!opened) return opened.error();
    BpfObject object(std::make_shared<LoadedObject>(std::move(*opened)), options);
    if (Status sized = object.object_->SetMaxEntries(options.maps, options.max_entries); !sized)
      return sized.error();
    if (Status complete = object.CheckPrograms(hooks); !complete) return complete.error();
    object.hooks_ = PlanHooks(hooks, functions, options.backends, refusals);
    object.probes_ = probes = ProbesOf(object.hooks_);
    if (!CountsEvents(object.hooks_)) {
      // Hooks that only add details are not attached by themselves.
      std::erase_if(probes, [](const ProbeState& probe) { return probe.backend.has_value(); });
      return Error{ReasonsOf(probes)};
    }
    auto refusal =
        object.LoadPrograms(options.programs, FirstBackend(object.hooks_, options.backends));
    if (!refusal) {
      if (Status filled = object.object_->FillMaps(options.contents); !filled)
        return filled.error();
      refusal = object.AttachAll();
    }
    if (!refusal) return object;
    for (const HookState& state : object.hooks_) {
      if (state.backend != refusal->backend || (refusal->hook && refusal->hook != state.hook))
        continue;
      refusals[{state.function(), refusal->backend}] = refusal->reason;
    }
  }
}

// The kernel does not say which program it refused, so the backend `suspect` is given up.
std::optional<BpfObject::Refusal> BpfObject::LoadPrograms(std::span<const char* const> others,
                                                          Backend suspect) {
  for (const char* name : others) object_->Want(name);
  for (const HookState& state : hooks_) {
    if (!state.backend) continue;
    for (const Place place : kPlaces) {
      if (!HasProgram(*state.hook, place)) continue;
      const std::string program = ProgramName(*state.hook, *state.backend, place);
      object_->Want(program);
      if (*state.backend != Backend::kFexit) continue;
      if (bpf_program__set_attach_target(FindProgram(program), 0, state.function()))
        return MakeRefusal(*state.backend, state.hook, std::string("find ") + state.function(),
                           errno);
    }
  }
  const int error = object_->Load();
  if (!error) return std::nullopt;
  return MakeRefusal(suspect, nullptr, "load programs", error);
}

std::optional<BpfObject::Refusal> BpfObject::AttachAll() {
  for (const HookState& state : hooks_) {
    if (!state.backend) continue;
    if (auto refusal = Attach(state)) return refusal;
  }
  return std::nullopt;
}

// The exit program is attached first: then a call in flight ends without a record, instead of
// leaving one behind.
std::optional<BpfObject::Refusal> BpfObject::Attach(const HookState& state) {
  for (const Place place : {Place::kExit, Place::kEntry}) {
    if (!HasProgram(*state.hook, place)) continue;
    const bpf_program* program = FindProgram(ProgramName(*state.hook, *state.backend, place));
    BpfLink link(
        *state.backend == Backend::kFexit
            ? bpf_program__attach(program)
            : bpf_program__attach_kprobe(program, place == Place::kExit, state.function()));
    if (!link) {
      return MakeRefusal(*state.backend, state.hook, std::string("attach to ") + state.function(),
                         errno);
    }
    object_->Keep(std::move(link));
  }
  return std::nullopt;
}

// A refusal that concerns the backend as a whole applies to all hooks.
BpfObject::Refusal BpfObject::MakeRefusal(Backend backend, const Hook* hook,
                                          const std::string& what, int error) {
  if (const auto explained = ExplainRefusal(backend, error, Environment::Read())) {
    return {backend, nullptr, *explained};
  }
  return {backend, hook, std::string(NameOf(backend)) + ": " + SystemError(what, error).message};
}

bpf_program* BpfObject::FindProgram(const std::string& name) const {
  return object_->FindProgram(name);
}

Status BpfObject::CheckPrograms(std::span<const Hook> hooks) const {
  for (const Hook& hook : hooks) {
    for (const std::string& name : ProgramNames(hook)) {
      if (!FindProgram(name)) return object_->Missing("program " + name);
    }
  }
  return {};
}

bool BpfObject::IsAttached(std::string_view hook) const {
  return std::any_of(hooks_.begin(), hooks_.end(),
                     [&](const HookState& h) { return h.backend && h.hook->name == hook; });
}

int BpfObject::MapFd(const char* name) const { return object_->MapFd(name); }

bool BpfObject::LosesEvents(const std::string& program) const {
  if (TracesSystemCalls()) return syscall_programs_.contains(program);
  return std::none_of(hooks_.begin(), hooks_.end(), [&](const HookState& state) {
    if (!state.backend) return false;
    const std::string entry = ProgramName(*state.hook, *state.backend, Place::kEntry);
    const std::string exit = ProgramName(*state.hook, *state.backend, Place::kExit);
    return program == exit || (program == entry && state.hook->need == Need::kDetails);
  });
}

std::vector<CountMap> BpfObject::CountMaps() const {
  std::vector<CountMap> maps;
  for (const ObjectMap& known : maps_) {
    if (!Counts(known)) continue;
    const bpf_map* map = object_->FindMap(known.name);
    maps.push_back({known.name, known.holds, bpf_map__fd(map), bpf_map__max_entries(map)});
  }
  return maps;
}

std::vector<const bpf_program*> BpfObject::Programs() const { return object_->Programs(); }

}  // namespace netchange
