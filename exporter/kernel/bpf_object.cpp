// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "bpf/abi/event.h"
#include "kernel/attach_points.h"
#include "kernel/privileges.h"
#include "util/log.h"

namespace netchange {
namespace {

constexpr char kKernelBtf[] = "/sys/kernel/btf/vmlinux";
constexpr char kEventMap[] = "events";

// libbpf tells details by a callback, among them the verifier's whole log: of use to whoever
// debugs.
int LogLibbpf(libbpf_print_level, const char* format, va_list arguments) {
  char* text = nullptr;
  if (vasprintf(&text, format, arguments) < 0) return 0;
  const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) LogDebug(line, {{"from", "libbpf"}});
  return 0;
}

// Its keys begin with a device, and its entries become series.
bool Counts(const ObjectMap& map) { return map.holds != Holds::kCalls; }

Status Configure(bpf_object* object, const ObjectOptions& options) {
  for (const ObjectMap& known : options.maps) {
    bpf_map* map = bpf_object__find_map_by_name(object, known.name);
    if (!map) return Error{std::string("the BPF object has no map ") + known.name};
    if (Counts(known)) bpf_map__set_max_entries(map, options.max_entries);
  }
  bpf_map* settings = bpf_object__find_map_by_name(object, SETTINGS_SECTION);
  if (!settings ||
      bpf_map__set_initial_value(settings, &options.settings, sizeof(options.settings))) {
    return SystemError("set " SETTINGS_SECTION, errno);
  }
  bpf_map* events = bpf_object__find_map_by_name(object, kEventMap);
  if (options.event_ring >= 0 && events && bpf_map__reuse_fd(events, options.event_ring)) {
    return SystemError("share the event ring buffer", errno);
  }
  return {};
}

constexpr char kSystemCallPrefix[] = "sys_";

// To where the backend `syscall` has its programs.
Result<BpfLink> AttachBySystemCall(const bpf_program* program, const Hook& hook, Place place) {
  if (hook.target == Target::kCgroup) return AttachToRootCgroup(program);
  const std::string call = hook.functions[0] + sizeof(kSystemCallPrefix) - 1;
  return AttachTracepoint(
      program, (place == Place::kEntry ? "syscalls/sys_enter_" : "syscalls/sys_exit_") + call);
}

// The first way among those planned: the kernel does not say which program it refused.
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
  Fd ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, kEventMap, 0, 0, EVENT_RING_SIZE, nullptr));
  if (!ring) return SystemError("create the event ring buffer (needs root, or CAP_BPF)", errno);
  return ring;
}

std::string LibbpfVersion() {
  return fmt::format("{}.{}", libbpf_major_version(), libbpf_minor_version());
}

void BpfObject::Close::operator()(bpf_object* object) const { bpf_object__close(object); }

const char* BpfObject::name() const { return bpf_object__name(object_.get()); }

Result<BpfObject> BpfObject::Open(const ObjectSource& source, const ObjectOptions& options) {
  libbpf_set_print(LogLibbpf);
  LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = source.name);
  // Without a type in the kernel's own BTF libbpf asks for that of modules, and fails without the
  // right to. No module has a type that is read here.
  if (!Environment::Read().MayListBtf()) open_options.btf_custom_path = kKernelBtf;
  BpfObject made;
  made.object_.reset(bpf_object__open_mem(source.elf.data(), source.elf.size(), &open_options));
  if (!made.object_) return SystemError(std::string("open BPF object ") + source.name, errno);
  if (Status status = Configure(made.object_.get(), options); !status) return status.error();
  made.id_ = options.id;
  made.maps_ = options.maps;
  made.settings_ = options.settings;
  return made;
}

// Each round tries the plan as far as it is known to work; a refusal is noted, and the next round
// goes round it. It ends: a round either succeeds or takes at least one way from the finite set of
// them.
Result<BpfObject> BpfObject::Load(const ObjectSource& source, std::span<const Hook> hooks,
                                  const KernelFunctions& functions, const ObjectOptions& options) {
  Refusals refusals;
  for (;;) {
    auto object = Open(source, options);
    if (!object) return object;
    if (Status complete = object->CheckPrograms(hooks); !complete) return complete.error();
    object->hooks_ = PlanHooks(hooks, functions, options.backends, refusals);
    if (object->hooks_.empty()) return Error{"this collector does not support this backend"};
    if (!SeesEvents(object->hooks_)) return Error{ReasonsOf(object->hooks_)};
    auto refusal =
        object->LoadPrograms(options.programs, FirstBackend(object->hooks_, options.backends));
    if (!refusal) {
      if (Status filled = object->FillMaps(options.contents); !filled) return filled.error();
      refusal = object->AttachAll();
    }
    if (!refusal) return object;
    for (const HookState& state : object->hooks_) {
      if (state.backend != refusal->backend || (refusal->hook && refusal->hook != state.hook))
        continue;
      refusals[{state.function(), refusal->backend}] = refusal->reason;
    }
  }
}

// The kernel does not say which program it refused: `suspect` is the way that is then given up.
std::optional<BpfObject::Refusal> BpfObject::LoadPrograms(std::span<const char* const> others,
                                                          Backend suspect) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) bpf_program__set_autoload(program, false);
  for (const char* name : others) {
    if ((program = FindProgram(name))) bpf_program__set_autoload(program, true);
  }
  for (const HookState& state : hooks_) {
    if (!state.backend) continue;
    for (const Place place : kPlaces) {
      if (!HasProgram(*state.hook, place)) continue;
      program = FindProgram(ProgramName(*state.hook, *state.backend, place));
      bpf_program__set_autoload(program, true);
      if (*state.backend != Backend::kFexit) continue;
      if (bpf_program__set_attach_target(program, 0, state.function()))
        return MakeRefusal(*state.backend, state.hook, std::string("find ") + state.function(),
                           errno);
    }
  }
  const int error = bpf_object__load(object_.get());
  if (!error) return std::nullopt;
  return MakeRefusal(suspect, nullptr, "load programs", -error);
}

Status BpfObject::FillMaps(const std::vector<MapContents>& contents) {
  for (const MapContents& map : contents) {
    const int fd = MapFd(map.map.c_str());
    if (fd < 0) continue;
    for (const auto& [key, value] : map.entries) {
      if (bpf_map_update_elem(fd, key.data(), value.data(), BPF_ANY))
        return SystemError("fill map " + map.map, errno);
    }
  }
  return {};
}

std::optional<BpfObject::Refusal> BpfObject::AttachAll() {
  for (const HookState& state : hooks_) {
    if (!state.backend) continue;
    if (auto refusal = Attach(state)) return refusal;
  }
  return std::nullopt;
}

// The exit first: a call that is under way meanwhile ends without a record, instead of leaving one
// behind.
std::optional<BpfObject::Refusal> BpfObject::Attach(const HookState& state) {
  for (const Place place : {Place::kExit, Place::kEntry}) {
    if (!HasProgram(*state.hook, place)) continue;
    const bpf_program* program = FindProgram(ProgramName(*state.hook, *state.backend, place));
    if (*state.backend == Backend::kSyscall) {
      auto link = AttachBySystemCall(program, *state.hook, place);
      if (!link) return RefuseSystemCall(*state.hook, link.error());
      links_.push_back(std::move(*link));
      continue;
    }
    BpfLink link(
        *state.backend == Backend::kFexit
            ? bpf_program__attach(program)
            : bpf_program__attach_kprobe(program, place == Place::kExit, state.function()));
    if (!link) {
      return MakeRefusal(*state.backend, state.hook, std::string("attach to ") + state.function(),
                         errno);
    }
    links_.push_back(std::move(link));
  }
  return std::nullopt;
}

// Without tracefs none of these hooks works.
BpfObject::Refusal BpfObject::RefuseSystemCall(const Hook& hook, const Error& error) {
  return {Backend::kSyscall, OpenTracefs() ? &hook : nullptr, "syscall: " + error.message};
}

// One that concerns the backend as a whole is one for all hooks.
BpfObject::Refusal BpfObject::MakeRefusal(Backend backend, const Hook* hook,
                                          const std::string& what, int error) {
  if (const auto explained = ExplainRefusal(backend, error, Environment::Read())) {
    return {backend, nullptr, *explained};
  }
  return {backend, hook, std::string(NameOf(backend)) + ": " + SystemError(what, error).message};
}

bpf_program* BpfObject::FindProgram(const std::string& name) const {
  return bpf_object__find_program_by_name(object_.get(), name.c_str());
}

Status BpfObject::CheckPrograms(std::span<const Hook> hooks) const {
  for (const Hook& hook : hooks) {
    for (const std::string& name : ProgramNames(hook)) {
      if (!FindProgram(name)) return Error{"the BPF object has no program " + name};
    }
  }
  return {};
}

bool BpfObject::IsAttached(std::string_view hook) const {
  return std::any_of(hooks_.begin(), hooks_.end(),
                     [&](const HookState& h) { return h.backend && h.hook->name == hook; });
}

int BpfObject::MapFd(const char* name) const {
  return bpf_object__find_map_fd_by_name(object_.get(), name);
}

std::vector<CountMap> BpfObject::CountMaps() const {
  std::vector<CountMap> maps;
  for (const ObjectMap& known : maps_) {
    if (!Counts(known)) continue;
    const bpf_map* map = bpf_object__find_map_by_name(object_.get(), known.name);
    maps.push_back({known.name, known.holds, bpf_map__fd(map), bpf_map__max_entries(map)});
  }
  return maps;
}

std::vector<const bpf_program*> BpfObject::Programs() const {
  std::vector<const bpf_program*> programs;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) programs.push_back(program);
  return programs;
}

}  // namespace netchange
