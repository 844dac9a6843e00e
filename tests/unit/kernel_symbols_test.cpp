// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_symbols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ParseKernelSymbol, HasAddressNameAndModule) {
  const auto own = ParseKernelSymbol("ffffffff81000010 T proc_dointvec");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->address, 0xffffffff81000010);
  EXPECT_EQ(own->name, "proc_dointvec");
  EXPECT_EQ(own->module, "");
  const auto in_module = ParseKernelSymbol("0000000000000000 t veth_xdp\t[veth]");
  ASSERT_TRUE(in_module);
  EXPECT_EQ(in_module->address, 0u);
  EXPECT_EQ(in_module->name, "veth_xdp");
  EXPECT_EQ(in_module->module, "veth");
  for (const char* line : {"", "broken", "ffffffff81000010", "ffffffff81000010 T "})
    EXPECT_FALSE(ParseKernelSymbol(line)) << line;
}

TEST(KernelSymbols, AreFoundByTheirWholeName) {
  const TemporaryDirectory directory;
  const std::string file = directory.File("kallsyms",
                                          "ffffffff81000000 T _text\n"
                                          "ffffffff81000010 T proc_dointvec\n"
                                          "ffffffff81000020 t proc_dointvec_minmax\n"
                                          "ffffffffc0000030 t of_a_module\t[module]\n");
  EXPECT_THAT(ReadKernelSymbols({"proc_dointvec", "of_a_module", "none"}, file),
              ElementsAre(Pair("of_a_module", 0xffffffffc0000030),
                          Pair("proc_dointvec", 0xffffffff81000010)));
}

TEST(KernelSymbols, LeaveOutANameThatIsThereTwice) {
  const TemporaryDirectory directory;
  const std::string file = directory.File(
      "kallsyms", "ffffffff81000010 t same\nffffffff81000020 t same\nffffffff81000030 t same\n");
  EXPECT_THAT(ReadKernelSymbols({"same"}, file), IsEmpty());
}

TEST(KernelSymbols, AreNoneWhereTheKernelHidesThem) {
  const TemporaryDirectory directory;
  EXPECT_THAT(ReadKernelSymbols({"f"}, directory.File("a", "0000000000000000 T f\n")), IsEmpty());
  EXPECT_THAT(ReadKernelSymbols({"f"}, directory.File("b", "short\n\nffffffff8100001 T  f\n")),
              IsEmpty());
  EXPECT_THAT(ReadKernelSymbols({"f"}, "/nowhere/at/all"), IsEmpty());
}

}  // namespace
}  // namespace netchange
