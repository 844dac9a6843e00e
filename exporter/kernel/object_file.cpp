// SPDX-License-Identifier: Apache-2.0
#include "kernel/object_file.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "bpf/abi/counter.h"
#include "util/log.h"

namespace netchange {
namespace {

constexpr char kKernelBtf[] = "/sys/kernel/btf/vmlinux";

// libbpf reports details by a callback, including the verifier's log. They help only in debugging:
// thousands of messages for each object.
int LogLibbpf(libbpf_print_level, const char* format, va_list arguments) {
  if (!LogsDebug()) return 0;
  char* text = nullptr;
  if (vasprintf(&text, format, arguments) < 0) return 0;
  const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) LogDebug(line, {{"from", "libbpf"}});
  return 0;
}

// Invalid if the kernel refuses such files.
Fd MemoryFile() {
  constexpr unsigned int kNoExec = 8;  // MFD_NOEXEC_SEAL; without it, Linux 6.3 and later complain
  Fd file(memfd_create("btf", MFD_CLOEXEC | kNoExec));
  return file ? std::move(file) : Fd(memfd_create("btf", MFD_CLOEXEC));
}

}  // namespace

void ObjectFile::Close::operator()(bpf_object* object) const { bpf_object__close(object); }

Result<ObjectFile> ObjectFile::Open(const ObjectSource& source) {
  [[maybe_unused]] static const auto once = libbpf_set_print(LogLibbpf);
  ObjectFile object;
  if (source.types) object.types_ = MemoryFile();
  // For types that are missing in the kernel's own BTF, libbpf searches the BTF of modules, and
  // fails without CAP_SYS_ADMIN. We read no types of modules. It reads the file when it loads.
  const std::string types =
      object.types_ ? "/proc/self/fd/" + std::to_string(object.types_.get()) : kKernelBtf;
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = source.name,
              .btf_custom_path = types.c_str());
  object.object_.reset(bpf_object__open_mem(source.elf.data(), source.elf.size(), &options));
  if (!object.object_) return SystemError(std::string("open BPF object ") + source.name, errno);
  if (object.types_) {
    Status written =
        source.types->WriteReduced(bpf_object__btf(object.object_.get()), object.types_);
    if (!written) return written.error();
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.object_.get())
      bpf_program__set_autoload(program, false);
  return object;
}

Status ObjectFile::SetUp(const object_settings& settings, const SharedMaps& shared) {
  bpf_map* map = FindMap(SETTINGS_SECTION);
  if (!map || bpf_map__set_initial_value(map, &settings, sizeof(settings)))
    return SystemError("set " SETTINGS_SECTION, errno);
  for (const auto& [name, fd] : {std::pair("events", shared.events), {"cgroups", shared.cgroups}}) {
    bpf_map* shared_map = FindMap(name);
    if (fd >= 0 && shared_map && bpf_map__reuse_fd(shared_map, fd))
      return SystemError(std::string("share the map ") + name, errno);
  }
  return {};
}

Status ObjectFile::SetMaxEntries(std::span<const ObjectMap> maps, std::uint32_t entries) {
  for (const ObjectMap& known : maps) {
    bpf_map* map = FindMap(known.name);
    if (!map) return Missing(std::string("map ") + known.name);
    if (Counts(known)) bpf_map__set_max_entries(map, entries + FOLD_ENTRIES);
  }
  return {};
}

Status ObjectFile::Omit(const ObjectMap& map) {
  bpf_map* found = FindMap(map.name);
  if (!found) return Missing(std::string("map ") + map.name);
  bpf_map__set_autocreate(found, false);
  return {};
}

Error ObjectFile::Missing(const std::string& part) const {
  return {std::string("the BPF object ") + bpf_object__name(object_.get()) + " has no " + part};
}

bool ObjectFile::Want(const std::string& name) {
  bpf_program* program = FindProgram(name);
  if (program) bpf_program__set_autoload(program, true);
  return program != nullptr;
}

bool ObjectFile::SetFunction(const std::string& program, const char* function) {
  return bpf_program__set_attach_target(FindProgram(program), 0, function) == 0;
}

// libbpf's descriptors close with the object.
std::shared_ptr<LoadedObject> ObjectFile::Load() {
  if (const int error = bpf_object__load(object_.get())) {
    errno = -error;
    return nullptr;
  }
  auto loaded = std::make_shared<LoadedObject>();
  const auto copy = [](int fd) { return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 0)); };
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    if (bpf_map__fd(map) < 0) continue;
    Fd fd = copy(bpf_map__fd(map));
    if (!fd) return nullptr;
    loaded->maps.emplace(bpf_map__name(map), std::move(fd));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    if (bpf_program__fd(program) < 0) continue;
    Fd fd = copy(bpf_program__fd(program));
    if (!fd) return nullptr;
    loaded->programs.emplace(bpf_program__name(program), std::move(fd));
  }
  return loaded;
}

bpf_map* ObjectFile::FindMap(const char* name) const {
  return bpf_object__find_map_by_name(object_.get(), name);
}

bpf_program* ObjectFile::FindProgram(const std::string& name) const {
  return bpf_object__find_program_by_name(object_.get(), name.c_str());
}

}  // namespace netchange
