// SPDX-License-Identifier: Apache-2.0
#include "logic.h"

#include <unistd.h>

#include "bpf/abi/counter.h"

namespace netchange::test {

Logic::Logic(const void* elf, std::size_t size, const object_settings& settings,
             std::uint32_t max_entries)
    : object_(bpf_object__open_mem(elf, size, nullptr), bpf_object__close) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    const bool logic = std::strcmp(bpf_program__section_name(program), "syscall") == 0;
    bpf_program__set_autoload(program, logic);
  }
  object_settings complete = settings;
  complete.max_entries = max_entries;
  for (collector_settings& collector : complete.collectors) collector.traced = 1;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    const std::string name = bpf_map__name(map);
    if (bpf_map__type(map) == BPF_MAP_TYPE_LPM_TRIE) {
      // Programs of type syscall may sleep, so they cannot use LPM tries. No test here uses
      // filters.
      bpf_map__set_type(map, BPF_MAP_TYPE_HASH);
      bpf_map__set_map_flags(map, 0);
      continue;
    }
    if (bpf_map__type(map) == BPF_MAP_TYPE_HASH && name.find("_calls") == std::string::npos) {
      bpf_map__set_max_entries(map, max_entries + FOLD_ENTRIES);
    }
    if (name == SETTINGS_SECTION) bpf_map__set_initial_value(map, &complete, sizeof(complete));
  }
  if (const int error = bpf_object__load(object_.get())) {
    problem_ =
        std::string("this kernel, or this user, may not load BPF programs of type syscall: ") +
        std::strerror(-error);
  }
}

int Logic::RunRaw(const char* name, void* context, std::size_t size) {
  const bpf_program* program = bpf_object__find_program_by_name(object_.get(), name);
  LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context,
              .ctx_size_in = static_cast<std::uint32_t>(size));
  if (bpf_prog_test_run_opts(bpf_program__fd(program), &options)) return -errno;
  return static_cast<int>(options.retval);
}

collector_statistics Logic::Statistics(collector of) {
  const std::uint32_t zero = 0;
  object_statistics statistics{};
  const int fd = bpf_object__find_map_fd_by_name(object_.get(), STATISTICS_SECTION);
  EXPECT_EQ(bpf_map_lookup_elem(fd, &zero, &statistics), 0);
  return statistics.collectors[of];
}

}  // namespace netchange::test
