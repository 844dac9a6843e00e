// SPDX-License-Identifier: Apache-2.0
#include "kernel/driver_probes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "bpf/abi/module_event.h"
#include "kernel/attach.h"
#include "kernel/privileges.h"
#include "util/log.h"
#include "util/text.h"

namespace netchange {
namespace {

std::string Describe(const DriverFunction& function) {
  return function.module.empty() ? function.name : function.module + ":" + function.name;
}

}  // namespace

DriverProbes::DriverProbes(const BpfObject& object, std::set<std::string> skip)
    : skip_(std::move(skip)),
      entry_(object.ProgramFd("driver_kprobe")),
      exit_(object.ProgramFd("driver_kretprobe")),
      pins_(object.pins()) {}

DriverProbes::~DriverProbes() { reader_.reset(); }

// Announcements first: a module that is loaded during the search is then found twice, and hooked
// once.
Result<std::unique_ptr<DriverProbes>> DriverProbes::Start(const BpfObject& object,
                                                          std::set<std::string> skip) {
  if (const auto refused = ExplainRefusal(Backend::kKprobe, 0, Environment::Read()))
    return Error{"driver functions: " + *refused};
  std::unique_ptr<DriverProbes> made(new DriverProbes(object, std::move(skip)));
  const std::lock_guard lock(made->mutex_);
  if (const Status followed = made->Follow(object); !followed)
    LogWarn("cannot hook drivers that are loaded later", {{"reason", followed.error().message}});
  const auto functions = FindDriverFunctions();
  if (!functions) return functions.error();
  made->Add(*functions);
  return made;
}

Status DriverProbes::Follow(const BpfObject& object) {
  for (const char* name : {"module_load", "module_free"}) {
    auto link = AttachRawTracepoint(object.ProgramFd(name), name);
    if (!link) return link.error();
    link->Pin(pins_.lock());
    announcements_.push_back(std::move(*link));
  }
  auto reader =
      RingReader::Start(object.MapFd("modules"),
                        [this](const void* data, std::size_t size) { HandleModule(data, size); });
  if (!reader) return reader.error();
  reader_ = std::move(*reader);
  return {};
}

void DriverProbes::HandleModule(const void* data, std::size_t size) {
  if (size != sizeof(module_event)) return;
  const module_event& event = *static_cast<const module_event*>(data);
  const std::string module(TextIn(event.name));
  const std::lock_guard lock(mutex_);
  Remove(module);
  if (!event.comes) return;
  if (const auto functions = FindDriverFunctionsOf(module))
    Add(*functions);
  else
    LogWarn("cannot hook a driver", {{"module", module}, {"reason", functions.error().message}});
}

// The kernel removes the probes of an unloaded module by itself; the links are only closed.
void DriverProbes::Remove(const std::string& module) {
  std::erase_if(probes_, [&](const Probe& probe) { return probe.function.module == module; });
}

void DriverProbes::Add(const std::vector<DriverFunction>& functions) {
  for (const DriverFunction& function : functions) {
    const bool known = std::any_of(probes_.begin(), probes_.end(),
                                   [&](const Probe& p) { return p.function == function; });
    if (known || skip_.contains(function.name)) continue;
    probes_.push_back(Attach(function));
    const Probe& probe = probes_.back();
    if (probe.reason.empty()) {
      LogDebug("attached", {{"collector", "xdp"}, {"probe", Describe(function)}});
    } else {
      LogInfo("not attached",
              {{"collector", "xdp"}, {"probe", Describe(function)}, {"reason", probe.reason}});
    }
  }
}

DriverProbes::Probe DriverProbes::Attach(const DriverFunction& function) const {
  Probe probe{function, {}, ""};
  if (const Status attached = AttachBoth(probe); !attached) {
    probe.links.clear();
    probe.reason = attached.error().message;
  }
  return probe;
}

// Two modules may have functions of the same name. The address distinguishes them.
bool DriverProbes::IsAmbiguous(const DriverFunction& function) const {
  return std::any_of(probes_.begin(), probes_.end(), [&](const Probe& p) {
    return p.function.name == function.name && p.function.module != function.module;
  });
}

// The exit first: a call that is in flight meanwhile ends without a record.
Status DriverProbes::AttachBoth(Probe& probe) const {
  const DriverFunction& function = probe.function;
  std::uint64_t address = 0;
  if (IsAmbiguous(function)) {
    std::ifstream kallsyms("/proc/kallsyms");
    address = AddressOf(kallsyms, function);
    if (!address) return Error{"no address of " + Describe(function) + " in /proc/kallsyms"};
  }
  for (const bool at_exit : {true, false}) {
    Fd link = AttachKprobe(at_exit ? exit_ : entry_, function.name, at_exit, address);
    if (!link) return SystemError("attach kprobe to " + Describe(function), errno);
    probe.links.emplace_back(std::move(link)).Pin(pins_.lock());
  }
  return {};
}

std::vector<ProbeState> DriverProbes::Probes() const {
  const std::lock_guard lock(mutex_);
  std::vector<ProbeState> states;
  for (const Probe& probe : probes_) {
    const bool attached = probe.reason.empty();
    states.push_back({Describe(probe.function),
                      attached ? std::optional(Backend::kKprobe) : std::nullopt, probe.reason});
  }
  return states;
}

}  // namespace netchange
