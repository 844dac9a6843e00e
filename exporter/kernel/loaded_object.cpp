// SPDX-License-Identifier: Apache-2.0
#include "kernel/loaded_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "kernel/privileges.h"
#include "util/log.h"

namespace netchange {
namespace {

constexpr char kKernelBtf[] = "/sys/kernel/btf/vmlinux";

// libbpf reports details by a callback, including the verifier's log. They help only in debugging.
int LogLibbpf(libbpf_print_level, const char* format, va_list arguments) {
  char* text = nullptr;
  if (vasprintf(&text, format, arguments) < 0) return 0;
  const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) LogDebug(line, {{"from", "libbpf"}});
  return 0;
}

}  // namespace

void LoadedObject::Close::operator()(bpf_object* object) const { bpf_object__close(object); }

Result<LoadedObject> LoadedObject::Open(const ObjectSource& source, const object_settings& settings,
                                        const SharedMaps& shared) {
  libbpf_set_print(LogLibbpf);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = source.name);
  // For types that are missing in the kernel's own BTF, libbpf searches the BTF of modules, and
  // fails without CAP_SYS_ADMIN. We read no types of modules.
  if (!Environment::Read().MayListBtf()) options.btf_custom_path = kKernelBtf;
  LoadedObject object;
  object.object_.reset(bpf_object__open_mem(source.elf.data(), source.elf.size(), &options));
  if (!object.object_) return SystemError(std::string("open BPF object ") + source.name, errno);
  bpf_map* map = object.FindMap(SETTINGS_SECTION);
  if (!map || bpf_map__set_initial_value(map, &settings, sizeof(settings)))
    return SystemError("set " SETTINGS_SECTION, errno);
  for (const auto& [name, fd] : {std::pair("events", shared.events), {"cgroups", shared.cgroups}}) {
    bpf_map* shared_map = object.FindMap(name);
    if (fd >= 0 && shared_map && bpf_map__reuse_fd(shared_map, fd))
      return SystemError(std::string("share the map ") + name, errno);
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) bpf_program__set_autoload(program, false);
  return object;
}

Status LoadedObject::SetMaxEntries(std::span<const ObjectMap> maps, std::uint32_t entries) {
  for (const ObjectMap& known : maps) {
    bpf_map* map = FindMap(known.name);
    if (!map) return Missing(std::string("map ") + known.name);
    if (Counts(known)) bpf_map__set_max_entries(map, entries);
  }
  return {};
}

Status LoadedObject::Omit(const ObjectMap& map) {
  bpf_map* found = FindMap(map.name);
  if (!found) return Missing(std::string("map ") + map.name);
  bpf_map__set_autocreate(found, false);
  return {};
}

Error LoadedObject::Missing(const std::string& part) const {
  return {std::string("the BPF object ") + bpf_object__name(object_.get()) + " has no " + part};
}

bool LoadedObject::Want(const std::string& name) {
  bpf_program* program = FindProgram(name);
  if (program) bpf_program__set_autoload(program, true);
  return program != nullptr;
}

int LoadedObject::Load() { return -bpf_object__load(object_.get()); }

Status LoadedObject::FillMaps(const std::vector<MapContents>& contents) {
  for (const MapContents& map : contents) {
    const int fd = MapFd(map.map.c_str());
    if (fd < 0) continue;
    for (const auto& [key, value] : map.entries) {
      if (!bpf_map_update_elem(fd, key.data(), value.data(), BPF_ANY)) continue;
      if (errno == E2BIG && map.may_overflow) break;
      return SystemError("fill map " + map.map, errno);
    }
  }
  return {};
}

bpf_map* LoadedObject::FindMap(const char* name) const {
  return bpf_object__find_map_by_name(object_.get(), name);
}

int LoadedObject::MapFd(const char* name) const {
  return bpf_object__find_map_fd_by_name(object_.get(), name);
}

bpf_program* LoadedObject::FindProgram(const std::string& name) const {
  return bpf_object__find_program_by_name(object_.get(), name.c_str());
}

std::vector<const bpf_program*> LoadedObject::Programs() const {
  std::vector<const bpf_program*> programs;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) programs.push_back(program);
  return programs;
}

}  // namespace netchange
