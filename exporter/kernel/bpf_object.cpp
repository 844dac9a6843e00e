// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "bpf/abi/cgroup.h"
#include "bpf/abi/event.h"
#include "kernel/attach.h"
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

// Fails with the name of a missing program if a hook's program does not exist.
Status CheckPrograms(const ObjectFile& file, std::span<const Hook> hooks) {
  for (const Hook& hook : hooks) {
    for (const std::string& name : ProgramNames(hook)) {
      if (!file.HasProgram(name)) return file.Missing("program " + name);
    }
  }
  return {};
}

// The kernel looks at the right to trace before it looks at the program. This program fails: type 1
// is no function.
int ErrorOfTracing() {
  const bpf_insn nothing[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                              {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
              .attach_btf_id = 1);
  const Fd program(bpf_prog_load(BPF_PROG_TYPE_TRACING, "nothing", "GPL", nothing, 2, &options));
  return program || errno != EPERM ? 0 : errno;
}

Refusals RefusalsOf(const RefusedBackends& refused, std::span<const Hook> hooks) {
  Refusals refusals;
  for (const auto& [backend, reason] : refused) {
    for (const Hook& hook : hooks) {
      for (const char* function : hook.functions) {
        if (function) refusals[{function, backend}] = reason;
      }
    }
  }
  return refusals;
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

RefusedBackends BackendsWithoutHope() {
  RefusedBackends refused;
  const Environment here = Environment::Read();
  for (const Backend backend : {Backend::kFexit, Backend::kKprobe}) {
    const int error = backend == Backend::kFexit ? ErrorOfTracing() : 0;
    if (const auto reason = ExplainRefusal(backend, error, here)) refused[backend] = *reason;
  }
  return refused;
}

BpfObject::BpfObject(const ObjectOptions& options, std::shared_ptr<LoadedObject> object)
    : object_(std::move(object)),
      id_(options.id),
      name_(options.name),
      maps_(options.maps),
      max_entries_(options.settings.max_entries),
      settings_(options.settings),
      pins_(options.pins) {}

// Each round tries the current plan. A refusal is noted, and the next round avoids it. This
// terminates: a round either succeeds or removes at least one of finitely many combinations.
Result<BpfObject> BpfObject::Load(const ObjectSource& source, std::span<const Hook> hooks,
                                  const KernelFunctions& functions, const ObjectOptions& options,
                                  const RefusedBackends& refused, std::vector<ProbeState>& probes) {
  Refusals refusals = RefusalsOf(refused, hooks);
  for (;;) {
    BpfObject object(options);
    object.hooks_ = PlanHooks(hooks, functions, options.backends, refusals);
    object.probes_ = probes = ProbesOf(object.hooks_);
    if (!CountsEvents(object.hooks_)) {
      // Hooks that only add details are not attached by themselves.
      std::erase_if(probes, [](const ProbeState& probe) { return probe.backend.has_value(); });
      return Error{ReasonsOf(probes)};
    }
    auto file = ObjectFile::Open(source);
    if (!file) return file.error();
    if (Status set = file->SetUp(options.settings, options.shared); !set) return set.error();
    if (Status sized = file->SetMaxEntries(options.maps, options.settings.max_entries); !sized)
      return sized.error();
    if (Status complete = CheckPrograms(*file, hooks); !complete) return complete.error();
    auto refusal =
        object.LoadPrograms(*file, options.programs, FirstBackend(object.hooks_, options.backends));
    if (!refusal) {
      if (Status filled = object.object_->FillMaps(options.contents); !filled)
        return filled.error();
      refusal = object.AttachAll();
    }
    if (!refusal) {
      object.object_->PinLinks(options.pins);
      return object;
    }
    for (const HookState& state : object.hooks_) {
      if (state.backend != refusal->backend || (refusal->hook && refusal->hook != state.hook))
        continue;
      refusals[{state.function(), refusal->backend}] = refusal->reason;
    }
  }
}

// The kernel does not say which program it refused, so the backend `suspect` is given up.
std::optional<BpfObject::Refusal> BpfObject::LoadPrograms(ObjectFile& file,
                                                          std::span<const char* const> others,
                                                          Backend suspect) {
  for (const char* name : others) file.Want(name);
  for (const HookState& state : hooks_) {
    if (!state.backend) continue;
    for (const Place place : kPlaces) {
      if (!HasProgram(*state.hook, place)) continue;
      const std::string program = ProgramName(*state.hook, *state.backend, place);
      file.Want(program);
      if (*state.backend == Backend::kFexit && !file.SetFunction(program, state.function()))
        return MakeRefusal(*state.backend, state.hook, std::string("find ") + state.function(),
                           errno);
    }
  }
  object_ = file.Load();
  if (object_) return std::nullopt;
  return MakeRefusal(suspect, nullptr, "load programs", errno);
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
    const int program = ProgramFd(ProgramName(*state.hook, *state.backend, place));
    Fd link = *state.backend == Backend::kFexit
                  ? AttachToFunction(program)
                  : AttachKprobe(program, state.function(), place == Place::kExit);
    if (!link) {
      return MakeRefusal(*state.backend, state.hook, std::string("attach to ") + state.function(),
                         errno);
    }
    object_->links.emplace_back(std::move(link));
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

bool BpfObject::IsAttached(std::string_view hook) const {
  return std::any_of(hooks_.begin(), hooks_.end(),
                     [&](const HookState& h) { return h.backend && h.hook->name == hook; });
}

bool BpfObject::LosesEvents(const std::string& program) const {
  if (TracesSystemCalls()) return syscall_programs_.contains(program);
  return std::none_of(hooks_.begin(), hooks_.end(), [&](const HookState& state) {
    if (!state.backend) return false;
    const std::string entry = ProgramName(*state.hook, *state.backend, Place::kEntry);
    const std::string exit = ProgramName(*state.hook, *state.backend, Place::kExit);
    return program == exit || (program == entry && state.hook->need == Need::kDetails);
  });
}

std::uint64_t BpfObject::SkippedEvents() const {
  std::uint64_t skipped = 0;
  for (const auto& [name, fd] : object_->programs) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (LosesEvents(name) && !bpf_obj_get_info_by_fd(fd.get(), &info, &size))
      skipped += info.recursion_misses;
  }
  return skipped;
}

std::vector<CountMap> BpfObject::CountMaps() const {
  std::vector<CountMap> maps;
  for (const ObjectMap& known : maps_) {
    if (Counts(known)) maps.push_back({known.name, known.holds, MapFd(known.name), max_entries_});
  }
  return maps;
}

}  // namespace netchange
