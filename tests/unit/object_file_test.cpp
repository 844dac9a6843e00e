// SPDX-License-Identifier: Apache-2.0
#include "kernel/object_file.h"

#include <gtest/gtest.h>

#include <string>

#include "collectors/tables.h"

namespace netchange {
namespace {

constexpr ObjectMap kNoSuchMap[] = {{"no_such_map", Holds::kCounter}};
constexpr char kMissing[] = "the BPF object syscall has no map no_such_map";

// Not loaded.
TEST(ObjectFile, NamesTheMapThatItDoesNotHave) {
  auto object = ObjectFile::Open(ELF_OF(syscall));
  ASSERT_TRUE(object) << object.error().message;
  const Status omitted = object->Omit(kNoSuchMap[0]);
  ASSERT_FALSE(omitted);
  EXPECT_EQ(omitted.error().message, kMissing);
  const Status sized = object->SetMaxEntries(kNoSuchMap, 16);
  ASSERT_FALSE(sized);
  EXPECT_EQ(sized.error().message, kMissing);
}

TEST(ObjectFile, WantsOnlyProgramsThatItHas) {
  auto object = ObjectFile::Open(ELF_OF(syscall));
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_TRUE(object->Want("sys_exit"));
  EXPECT_FALSE(object->Want("no_such_program"));
}

}  // namespace
}  // namespace netchange
