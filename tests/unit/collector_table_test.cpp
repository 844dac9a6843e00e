// SPDX-License-Identifier: Apache-2.0
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bpf/abi/config_write.h"
#include "bpf/abi/counter.h"
#include "bpf/abi/duration.h"
#include "bpf/abi/inflight.h"
#include "collectors/collector.h"
#include "collectors/tables.h"

namespace netchange {
namespace {

TEST(Collectors, AreThoseOfTheListInTheOrderOfTheirNames) {
  std::vector<std::string> names;
  for (const CollectorSpec* spec : AllCollectors()) names.emplace_back(spec->name);
#define COLLECTOR(name, NAME, Stem) #name,
  const std::vector<std::string> list = {
#include "bpf/abi/collectors.def"
  };
#undef COLLECTOR
  EXPECT_EQ(names, list);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(names.size(), std::size_t{COLLECTORS});
  EXPECT_STREQ(AllCollectors()[COLLECTOR_IRQ]->name, "irq");
}

TEST(Collectors, AreComplete) {
  for (const CollectorSpec* spec : AllCollectors()) {
    EXPECT_STRNE(spec->help, "") << spec->name;
    EXPECT_FALSE(spec->hooks.empty()) << spec->name;
    EXPECT_EQ(spec->system_calls.empty(), std::string(spec->syscall_limits).empty()) << spec->name;
    EXPECT_NE(spec->collect, nullptr) << spec->name;
    EXPECT_NE(spec->describe, nullptr) << spec->name;
    EXPECT_FALSE(spec->maps.empty()) << spec->name;
  }
}

TEST(Collectors, HaveHooksThatCountEventsUnderNamesOfTheirOwn) {
  for (const CollectorSpec* spec : AllCollectors()) {
    std::set<std::string> names;
    bool counts_events = false;
    for (const Hook& hook : spec->hooks) {
      EXPECT_TRUE(names.insert(hook.name).second) << hook.name;
      EXPECT_GE(hook.arguments, 1) << hook.name;
      counts_events = counts_events || hook.need == Need::kEvents;
    }
    EXPECT_TRUE(counts_events) << spec->name;
  }
}

// Not loaded.
auto Open(const ObjectSource& source) {
  bpf_object* object = bpf_object__open_mem(source.elf.data(), source.elf.size(), nullptr);
  return std::unique_ptr<bpf_object, decltype(&bpf_object__close)>(object, bpf_object__close);
}

struct Sizes {
  std::uint32_t key;  // at least
  std::uint32_t value;
};

Sizes SizesOf(Holds holds) {
  switch (holds) {
    case Holds::kCounter: return {sizeof(device_ref), sizeof(counter)};
    case Holds::kEthtoolCounters: return {sizeof(device_ref), sizeof(ethtool_counters)};
    case Holds::kConfigWriteCounters:
      return {sizeof(config_write_key), sizeof(config_write_counters)};
    case Holds::kConfigValue: return {sizeof(config_value_key), sizeof(config_value)};
    case Holds::kHistogram: return {sizeof(device_ref), sizeof(duration_histogram)};
    case Holds::kCalls: return {sizeof(inflight_key), 0};
  }
  return {};
}

TEST(Collectors, NameTheMapsOfTheirObjectWithWhatTheyHold) {
  const auto object = Open(ELF_OF(functions));
  ASSERT_TRUE(object);
  std::set<std::string> named;
  for (const CollectorSpec* spec : AllCollectors()) {
    for (const ObjectMap& known : spec->maps) {
      const bpf_map* map = bpf_object__find_map_by_name(object.get(), known.name);
      ASSERT_TRUE(map) << known.name;
      named.insert(known.name);
      const Sizes sizes = SizesOf(known.holds);
      EXPECT_GE(bpf_map__key_size(map), sizes.key) << known.name;
      if (sizes.value) {
        EXPECT_EQ(bpf_map__value_size(map), sizes.value) << known.name;
      }
    }
  }
  // No count map, and no map of calls in flight, may be missing in the table.
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.get()) {
    const std::string name = bpf_map__name(map);
    const std::uint32_t key = bpf_map__key_size(map);
    if (bpf_map__type(map) == BPF_MAP_TYPE_HASH &&
        (key > sizeof(device_ref) || key == sizeof(inflight_key))) {
      EXPECT_TRUE(named.contains(name)) << name;
    }
  }
}

std::set<std::string> NamesOf(const Hook& hook) {
  const auto names = ProgramNames(hook);
  return {names.begin(), names.end()};
}

// The object has these programs, and no others.
void ExpectPrograms(const bpf_object& object, const std::set<std::string>& known) {
  for (const std::string& name : known)
    EXPECT_TRUE(bpf_object__find_program_by_name(&object, name.c_str())) << name;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, &object) {
    EXPECT_TRUE(known.contains(bpf_program__name(program)))
        << bpf_program__name(program) << " belongs to no hook";
  }
}

TEST(Collectors, HaveEveryProgramOfTheirHooks) {
  const auto object = Open(ELF_OF(functions));
  ASSERT_TRUE(object);
  std::set<std::string> known;
  for (const CollectorSpec* spec : AllCollectors()) {
    known.insert(spec->programs.begin(), spec->programs.end());
    for (const Hook& hook : spec->hooks) known.merge(NamesOf(hook));
  }
  ExpectPrograms(*object, known);
}

TEST(Collectors, ShareOneObjectForSystemCalls) {
  const auto object = Open(ELF_OF(syscall));
  ASSERT_TRUE(object);
  std::set<std::string> known;
  for (const CollectorSpec* spec : AllCollectors()) {
    for (const SyscallHook& hook : spec->system_calls) {
      for (const std::string& name : ProgramNames(hook)) known.insert(name);
    }
    if (spec->system_calls.empty()) continue;
    for (const ObjectMap& map : spec->maps)
      EXPECT_TRUE(bpf_object__find_map_by_name(object.get(), map.name)) << map.name;
  }
  ExpectPrograms(*object, known);
}

TEST(SyscallHook, NamesItsProbeAndItsPrograms) {
  EXPECT_EQ(ProbeName({"ioctl"}), "sys_ioctl");
  EXPECT_EQ(ProgramNames(SyscallHook{"ioctl"}),
            (std::vector<std::string>{"sys_enter_ioctl", "sys_exit"}));
  EXPECT_EQ(ProgramNames(SyscallHook{"splice", Ends::kExit}),
            (std::vector<std::string>{"sys_exit"}));
  EXPECT_EQ(ProbeName(kSysctlOfRootCgroup), "cgroup_sysctl");
  EXPECT_EQ(ProgramNames(kSysctlOfRootCgroup), (std::vector<std::string>{"cgroup_sysctl"}));
}

TEST(Collectors, HoldWholeElfObjects) {
  for (const ObjectSource& source : {ELF_OF(functions), ELF_OF(syscall)}) {
    ASSERT_GT(source.elf.size(), 64u) << source.name;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(source.elf.data()), 4),
              "\x7f"
              "ELF")
        << source.name;
  }
}

}  // namespace
}  // namespace netchange
