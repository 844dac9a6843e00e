// SPDX-License-Identifier: Apache-2.0
#include "kernel/traced_functions.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "kernel/attach.h"
#include "kernel/privileges.h"

namespace netchange {
namespace {

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

RefusedBackends BackendsWithoutHope() {
  RefusedBackends refused;
  const Environment here = Environment::Read();
  for (const Backend backend : {Backend::kFexit, Backend::kKprobe}) {
    const int error = backend == Backend::kFexit ? ErrorOfTracing() : 0;
    if (const auto reason = ExplainRefusal(backend, error, here)) refused[backend] = *reason;
  }
  return refused;
}

// A user, and how its hooks are to be attached.
struct Planned {
  const FunctionUser* user;
  std::vector<HookState> hooks;
};

// The object of some users.
class FunctionObject {
 public:
  // A combination that the kernel refused: one hook with one backend, or all hooks with one backend
  // (`hook` is null).
  struct Refusal {
    Backend backend;
    const Hook* hook;
    std::string reason;
  };

  FunctionObject(const FunctionSource& source, std::span<const Planned> plans)
      : source_(source), plans_(plans) {}

  // Loads the programs of the plans and attaches them. False: the kernel refused something. An
  // error: the object is not as the tables say, or there is no memory.
  Result<bool> Load();
  // Why Load() was false.
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

  // A user's part of what Load() loaded.
  [[nodiscard]] BpfObject PartOf(const Planned& plan) const {
    BpfObject part(plan.user->options, object_);
    part.hooks_ = plan.hooks;
    part.event_programs_ = EventPrograms(plan.hooks);
    // A skipped exit is found by the record of its entry.
    for (const std::string program : plan.user->options.programs) {
      if (!program.ends_with("_kretprobe")) part.event_programs_.insert(program);
    }
    part.probes_ = ProbesOf(plan.hooks);
    part.settings_ = SettingsOf(Options());
    return part;
  }

 private:
  [[nodiscard]] std::vector<const ObjectOptions*> Options() const {
    std::vector<const ObjectOptions*> options;
    for (const Planned& plan : plans_) options.push_back(&plan.user->options);
    return options;
  }
  Status Prepare(ObjectFile& file) const;
  bool WantPrograms(ObjectFile& file);
  bool WantHook(ObjectFile& file, const HookState& state);
  [[nodiscard]] Backend FirstBackend() const;
  bool AttachAll();
  bool Attach(const HookState& state);
  bool Refuse(Backend backend, const Hook* hook, const std::string& what, int error);

  const FunctionSource& source_;
  std::span<const Planned> plans_;
  std::shared_ptr<LoadedObject> object_;
  Refusal refusal_{};
};

Result<bool> FunctionObject::Load() {
  auto file = ObjectFile::Open(source_.object);
  if (!file) return file.error();
  if (Status prepared = Prepare(*file); !prepared) return prepared.error();
  if (!WantPrograms(*file)) return false;
  const auto reading = ReadContents(Options());  // the kernel verifies meanwhile
  object_ = file->Load();
  // The kernel does not say which program it refused.
  if (!object_) return Refuse(FirstBackend(), nullptr, "load programs", errno);
  for (const Planned& plan : plans_) {
    if (Status filled = object_->FillMaps(plan.user->options.contents); !filled)
      return filled.error();
  }
  if (!AttachAll()) return false;
  object_->PinLinks(plans_.front().user->options.pins);
  return true;
}

Status FunctionObject::Prepare(ObjectFile& file) const {
  for (const Planned& plan : plans_) {
    for (const Hook& hook : plan.user->hooks) {
      for (const std::string& name : ProgramNames(hook)) {
        if (!file.HasProgram(name)) return file.Missing("program " + name);
      }
    }
  }
  return PrepareObject(file, Options(), source_.maps);
}

bool FunctionObject::WantPrograms(ObjectFile& file) {
  for (const Planned& plan : plans_) {
    for (const char* name : plan.user->options.programs) file.Want(name);
    for (const HookState& state : plan.hooks) {
      if (state.backend && !WantHook(file, state)) return false;
    }
  }
  return true;
}

bool FunctionObject::WantHook(ObjectFile& file, const HookState& state) {
  for (const Place place : kPlaces) {
    if (!HasProgram(*state.hook, place)) continue;
    const std::string program = ProgramName(*state.hook, *state.backend, place);
    file.Want(program);
    if (*state.backend == Backend::kFexit && !file.SetFunction(program, state.function())) {
      return Refuse(*state.backend, state.hook, std::string("find ") + state.function(), errno);
    }
  }
  return true;
}

// The first backend, in the order of preference, that the plans use.
Backend FunctionObject::FirstBackend() const {
  const std::vector<Backend>& backends = plans_.front().user->options.backends;
  for (const Backend backend : backends) {
    for (const Planned& plan : plans_) {
      if (std::any_of(plan.hooks.begin(), plan.hooks.end(),
                      [&](const HookState& state) { return state.backend == backend; }))
        return backend;
    }
  }
  return backends.front();
}

bool FunctionObject::AttachAll() {
  for (const Planned& plan : plans_) {
    for (const HookState& state : plan.hooks) {
      if (state.backend && !Attach(state)) return false;
    }
  }
  return true;
}

// The exit program is attached first: then a call in flight ends without a record, instead of
// leaving one behind.
bool FunctionObject::Attach(const HookState& state) {
  for (const Place place : {Place::kExit, Place::kEntry}) {
    if (!HasProgram(*state.hook, place)) continue;
    const int program = object_->ProgramFd(ProgramName(*state.hook, *state.backend, place));
    Fd link = *state.backend == Backend::kFexit
                  ? AttachToFunction(program)
                  : AttachKprobe(program, state.function(), place == Place::kExit);
    if (!link) {
      return Refuse(*state.backend, state.hook, std::string("attach to ") + state.function(),
                    errno);
    }
    object_->links.emplace_back(std::move(link));
  }
  return true;
}

// Always false; what is attached is detached. A refusal that concerns the backend as a whole
// applies to all hooks.
bool FunctionObject::Refuse(Backend backend, const Hook* hook, const std::string& what, int error) {
  object_.reset();
  if (const auto explained = ExplainRefusal(backend, error, Environment::Read())) {
    refusal_ = {backend, nullptr, *explained};
  } else {
    refusal_ = {backend, hook,
                std::string(NameOf(backend)) + ": " + SystemError(what, error).message};
  }
  return false;
}

namespace {

Planned PlanUser(const FunctionSource& source, const FunctionUser& user, const Refusals& refusals) {
  return {&user, PlanHooks(user.hooks, source.functions, user.options.backends, refusals)};
}

FunctionPart Blind(const Planned& plan) {
  std::vector<ProbeState> probes = ProbesOf(plan.hooks);
  // Hooks that only add details are not attached by themselves.
  std::erase_if(probes, [](const ProbeState& probe) { return probe.backend.has_value(); });
  std::string reasons = ReasonsOf(probes);
  return {std::move(probes), Error{std::move(reasons)}};
}

void Note(const FunctionObject::Refusal& refusal, const Planned& plan, Refusals& refusals) {
  for (const HookState& state : plan.hooks) {
    if (state.backend != refusal.backend || (refusal.hook && refusal.hook != state.hook)) continue;
    refusals[{state.function(), refusal.backend}] = refusal.reason;
  }
}

// Each round tries the current plan. A refusal is noted, and the next round avoids it. This
// terminates: a round either succeeds or removes at least one of finitely many combinations.
FunctionPart LoadAlone(const FunctionSource& source, const FunctionUser& user) {
  Refusals refusals = RefusalsOf(source.refused, user.hooks);
  for (;;) {
    const Planned plan = PlanUser(source, user, refusals);
    if (!CountsEvents(plan.hooks)) return Blind(plan);
    FunctionObject object(source, {&plan, 1});
    const Result<bool> loaded = object.Load();
    if (!loaded) return {ProbesOf(plan.hooks), loaded.error()};
    if (*loaded) return {ProbesOf(plan.hooks), object.PartOf(plan)};
    Note(object.refusal(), plan, refusals);
  }
}

}  // namespace

std::vector<FunctionPart> LoadFunctions(const FunctionSource& source,
                                        std::span<const FunctionUser> users) {
  std::vector<Planned> plans;
  for (const FunctionUser& user : users) {
    Planned plan = PlanUser(source, user, RefusalsOf(source.refused, user.hooks));
    if (CountsEvents(plan.hooks)) plans.push_back(std::move(plan));
  }
  FunctionObject together(source, plans);
  const Result<bool> tried = plans.size() > 1 ? together.Load() : Result<bool>(false);
  const bool loaded = tried && *tried;
  std::vector<FunctionPart> parts;
  for (const FunctionUser& user : users) {
    const auto plan = std::find_if(plans.begin(), plans.end(),
                                   [&](const Planned& one) { return one.user == &user; });
    if (loaded && plan != plans.end())
      parts.push_back({ProbesOf(plan->hooks), together.PartOf(*plan)});
    else
      parts.push_back(LoadAlone(source, user));
  }
  return parts;
}

}  // namespace netchange
