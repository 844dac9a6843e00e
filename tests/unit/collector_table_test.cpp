// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "collectors/collector.h"

namespace netchange {
namespace {

TEST(Collectors, AreThoseOfTheListInTheOrderOfTheirNames) {
  std::vector<std::string> names;
  for (const CollectorSpec* spec : AllCollectors()) names.emplace_back(spec->name);
#define COLLECTOR(name, Stem) #name,
  const std::vector<std::string> list = {
#include "collectors/collectors.def"
  };
#undef COLLECTOR
  EXPECT_EQ(names, list);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_FALSE(names.empty());
}

TEST(Collectors, AreComplete) {
  for (const CollectorSpec* spec : AllCollectors()) {
    EXPECT_STRNE(spec->help, "") << spec->name;
    EXPECT_STREQ(spec->object.name, spec->name);
    EXPECT_FALSE(spec->object.elf.empty()) << spec->name;
    EXPECT_FALSE(spec->hooks.empty()) << spec->name;
    EXPECT_NE(spec->collect, nullptr) << spec->name;
    EXPECT_NE(spec->describe, nullptr) << spec->name;
    EXPECT_NE(spec->event_kind, 0) << spec->name;
  }
}

TEST(Collectors, HaveHooksThatSeeEventsUnderNamesOfTheirOwn) {
  for (const CollectorSpec* spec : AllCollectors()) {
    std::set<std::string> names;
    bool sees_events = false;
    for (const Hook& hook : spec->hooks) {
      EXPECT_TRUE(names.insert(hook.name).second) << hook.name;
      if (hook.target == Target::kFunction) {
        EXPECT_GE(hook.arguments, 1) << hook.name;
      }
      sees_events = sees_events || hook.need == Need::kEvents;
    }
    EXPECT_TRUE(sees_events) << spec->name;
  }
}

TEST(Collectors, HoldWholeElfObjects) {
  for (const CollectorSpec* spec : AllCollectors()) {
    const auto elf = spec->object.elf;
    ASSERT_GT(elf.size(), 64u) << spec->name;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(elf.data()), 4),
              "\x7f"
              "ELF")
        << spec->name;
  }
}

}  // namespace
}  // namespace netchange
