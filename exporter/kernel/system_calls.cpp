// SPDX-License-Identifier: Apache-2.0
#include "kernel/system_calls.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "kernel/attach.h"
#include "kernel/attach_points.h"
#include "kernel/privileges.h"

namespace netchange {
namespace {

constexpr char kCgroupProgram[] = "cgroup_sysctl";

bool HasEntry(const SyscallHook& hook) { return hook.ends != Ends::kExit; }
bool HasExit(const SyscallHook& hook) { return hook.ends != Ends::kEntry; }

// The tracepoint, or the root cgroup.
std::string EntryPlace(const SyscallHook& hook) {
  return hook.call ? std::string("sys_enter_") + hook.call : kCgroupProgram;
}

std::string EntryProgram(const SyscallHook& hook) {
  return hook.like ? std::string("sys_enter_") + hook.like : EntryPlace(hook);
}

std::string Refused(const Error& error) { return "syscall: " + error.message; }

}  // namespace

std::string ProbeName(const SyscallHook& hook) {
  return hook.call ? std::string("sys_") + hook.call : kCgroupProgram;
}

std::vector<std::string> ProgramNames(const SyscallHook& hook) {
  std::vector<std::string> names;
  if (HasEntry(hook)) names.push_back(EntryProgram(hook));
  if (HasExit(hook)) names.emplace_back(hook.exit_program);
  return names;
}

std::vector<const ObjectOptions*> OptionsOf(std::span<const SyscallUser* const> users) {
  std::vector<const ObjectOptions*> options;
  for (const SyscallUser* user : users) options.push_back(&user->options);
  return options;
}

// The object of some users, and the part of each user in it.
class SyscallObject {
 public:
  static Result<SyscallObject> Load(const ObjectSource& source,
                                    std::span<const SyscallUser* const> users,
                                    std::span<const ObjectMap> maps) {
    auto tracefs = OpenTracefs();
    if (!tracefs) return Error{Refused(tracefs.error())};
    auto file = ObjectFile::Open(source);
    if (!file) return file.error();
    if (Status prepared = Prepare(*file, users, maps); !prepared) return prepared.error();
    const auto reading = ReadContents(OptionsOf(users));  // the kernel verifies meanwhile
    auto object = file->Load();
    if (!object) return Error{ExplainLoad(errno)};
    SyscallObject made(std::move(object), std::move(*tracefs));
    for (const SyscallUser* user : users) {
      if (Status filled = made.object_->FillMaps(user->options.contents); !filled)
        return filled.error();
    }
    made.AttachAll(users);
    made.object_->PinLinks(users[0]->options.pins);
    return made;
  }

  // Fails, with the reasons, if no program that begins its events is attached.
  [[nodiscard]] Result<BpfObject> PartOf(const SyscallUser& user, const object_settings& settings) {
    BpfObject part(user.options, object_);
    part.settings_ = settings;
    part.probes_ = user.functions;
    for (const SyscallHook& hook : user.hooks) {
      const std::string reason = ReasonOf(hook);
      part.probes_.push_back({ProbeName(hook),
                              reason.empty() ? std::optional(Backend::kSyscall) : std::nullopt,
                              reason});
      if (reason.empty() && HasEntry(hook)) part.event_programs_.insert(EntryProgram(hook));
    }
    part.traces_system_calls_ = true;
    if (part.event_programs_.empty()) return Error{ReasonsOf(part.probes_)};
    return part;
  }

 private:
  SyscallObject(std::shared_ptr<LoadedObject> object, Fd tracefs)
      : object_(std::move(object)), tracefs_(std::move(tracefs)) {}

  static std::string ExplainLoad(int error) {
    const auto explained = ExplainRefusal(Backend::kSyscall, error, Environment::Read());
    return explained ? *explained : Refused(SystemError("load programs", error));
  }

  static Status Prepare(ObjectFile& file, std::span<const SyscallUser* const> users,
                        std::span<const ObjectMap> maps) {
    for (const SyscallUser* user : users) {
      for (const SyscallHook& hook : user->hooks) {
        for (const std::string& program : ProgramNames(hook)) {
          if (!file.Want(program)) return file.Missing("program " + program);
        }
      }
    }
    return PrepareObject(file, OptionsOf(users), maps);
  }

  // Exit programs are attached first: then a call in flight ends without a record, instead of
  // leaving one behind.
  void AttachAll(std::span<const SyscallUser* const> users) {
    for (const SyscallUser* user : users) {
      for (const SyscallHook& hook : user->hooks) {
        if (HasExit(hook)) Attach(hook.exit_program, std::string("sys_exit_") + hook.call);
      }
    }
    for (const SyscallUser* user : users) {
      for (const SyscallHook& hook : user->hooks) {
        if (HasEntry(hook)) Attach(EntryProgram(hook), EntryPlace(hook));
      }
    }
  }

  // Attaches once, even if several users ask. `place`: a tracepoint, or the root cgroup.
  void Attach(const std::string& program, const std::string& place) {
    if (refusals_.contains(place)) return;
    const int loaded = object_->ProgramFd(program);
    auto link = place == kCgroupProgram ? AttachToRootCgroup(loaded)
                                        : AttachTracepoint(loaded, tracefs_, "syscalls/" + place);
    refusals_[place] = link ? "" : Refused(link.error());
    if (link) object_->links.push_back(std::move(*link));
  }

  // Why it is not attached; empty if it is.
  [[nodiscard]] std::string ReasonOf(const SyscallHook& hook) {
    if (HasEntry(hook) && !refusals_[EntryPlace(hook)].empty()) return refusals_[EntryPlace(hook)];
    return HasExit(hook) ? refusals_[std::string("sys_exit_") + hook.call] : "";
  }

  std::shared_ptr<LoadedObject> object_;
  Fd tracefs_;
  std::map<std::string, std::string> refusals_;  // by place; empty if attached
};

namespace {

using Users = std::vector<const SyscallUser*>;
using Parts = std::map<const SyscallUser*, Result<BpfObject>>;

Result<BpfObject> Blind(const SyscallUser& user, const std::string& reason) {
  std::vector<ProbeState> probes = user.functions;
  probes.push_back({"", std::nullopt, reason});
  return Error{ReasonsOf(probes)};
}

void LoadTogether(const ObjectSource& source, const Users& users, std::span<const ObjectMap> maps,
                  Parts& parts);

// The kernel refused the object of all users. Tries each user alone; those that load share an
// object.
void LoadApart(const ObjectSource& source, const Users& users, std::span<const ObjectMap> maps,
               Parts& parts) {
  Users accepted;
  for (const SyscallUser* user : users) {
    LoadTogether(source, {user}, maps, parts);
    if (parts.at(user)) accepted.push_back(user);
  }
  if (accepted.size() < 2 || accepted.size() == users.size()) return;
  for (const SyscallUser* user : accepted) parts.erase(user);
  LoadTogether(source, accepted, maps, parts);
}

void LoadTogether(const ObjectSource& source, const Users& users, std::span<const ObjectMap> maps,
                  Parts& parts) {
  auto object = SyscallObject::Load(source, users, maps);
  if (object) {
    for (const SyscallUser* user : users)
      parts.emplace(user, object->PartOf(*user, SettingsOf(OptionsOf(users))));
  } else if (users.size() == 1) {
    parts.emplace(users[0], Blind(*users[0], object.error().message));
  } else {
    LoadApart(source, users, maps, parts);
  }
}

// Without the cgroup hierarchy, its programs need not be loaded.
std::string WhyNot(const SyscallUser& user) {
  const bool cgroup = std::any_of(user.hooks.begin(), user.hooks.end(),
                                  [](const SyscallHook& hook) { return !hook.call; });
  if (!cgroup) return "";
  const auto root = OpenCgroupRoot();
  return root ? "" : Refused(root.error());
}

}  // namespace

std::vector<Result<BpfObject>> LoadSystemCalls(const ObjectSource& source,
                                               std::span<const SyscallUser> users,
                                               std::span<const ObjectMap> maps) {
  Users together;
  Parts parts;
  for (const SyscallUser& user : users) {
    const std::string reason = WhyNot(user);
    if (reason.empty()) {
      together.push_back(&user);
    } else {
      parts.emplace(&user, Blind(user, reason));
    }
  }
  if (!together.empty()) LoadTogether(source, together, maps, parts);
  std::vector<Result<BpfObject>> results;
  for (const SyscallUser& user : users) results.push_back(std::move(parts.at(&user)));
  return results;
}

}  // namespace netchange
