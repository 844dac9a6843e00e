// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_plan.h"

#include <gtest/gtest.h>

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    Function("dev_ethtool", 3),
    Function("dev_ethtool", 2).Named("dev_ethtool_2"),
    Detail("genl_rcv_msg", 3),
};
constexpr Backend kBoth[] = {Backend::kFexit, Backend::kKprobe};

KernelFunctions Kernel(std::unordered_map<std::string, int> functions) {
  return KernelFunctions(std::move(functions));
}

TEST(PlanHooks, TakesTheFirstBackendForEachFunction) {
  const auto plan = PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].hook, &kHooks[0]);
  EXPECT_EQ(plan[0].backend, Backend::kFexit);
  EXPECT_EQ(plan[0].reason, "");
  EXPECT_EQ(plan[1].hook, &kHooks[2]);
  EXPECT_EQ(plan[1].backend, Backend::kFexit);
}

TEST(PlanHooks, KeepsToTheOrderOfTheBackends) {
  constexpr Backend kKprobeFirst[] = {Backend::kKprobe, Backend::kFexit};
  const auto plan =
      PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}}), kKprobeFirst, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, Backend::kKprobe);
  EXPECT_EQ(plan[1].backend, Backend::kKprobe);
}

TEST(PlanHooks, TakesTheNextBackendForTheHookThatWasRefusedOnly) {
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "EPERM"}};
  const auto plan =
      PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}}), kBoth, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, Backend::kKprobe);
  EXPECT_EQ(plan[1].backend, Backend::kFexit);
}

TEST(PlanHooks, GivesAllReasonsWhereEveryBackendWasRefused) {
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "fexit: no"},
                             {{"dev_ethtool", Backend::kKprobe}, "kprobe: no"}};
  const auto plan =
      PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}}), kBoth, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].hook, &kHooks[0]);
  EXPECT_EQ(plan[0].backend, std::nullopt);
  EXPECT_EQ(plan[0].reason, "fexit: no; kprobe: no");
  EXPECT_EQ(plan[1].backend, Backend::kFexit);
}

TEST(PlanHooks, GivesAReasonOfAllBackendsOnce) {
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "refused"},
                             {{"dev_ethtool", Backend::kKprobe}, "refused"}};
  const auto plan = PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}}), kBoth, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].reason, "refused");
}

TEST(PlanHooks, DoesNotTryABackendThatIsNotWanted) {
  constexpr Backend kOne[] = {Backend::kFexit};
  const Refusals refusals = {{{"genl_rcv_msg", Backend::kFexit}, "fexit: no"}};
  const auto plan =
      PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}}), kOne, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, Backend::kFexit);
  EXPECT_EQ(plan[1].backend, std::nullopt);
  EXPECT_EQ(plan[1].reason, "fexit: no");
}

TEST(PlanHooks, TakesTheAlternativeWhoseArgumentsTheKernelHas) {
  const auto plan = PlanHooks(kHooks, Kernel({{"dev_ethtool", 2}, {"genl_rcv_msg", 3}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u) << "alternatives of one function are one entry";
  EXPECT_EQ(plan[0].hook, &kHooks[1]);
  EXPECT_EQ(plan[0].backend, Backend::kFexit);
  EXPECT_EQ(plan[1].hook, &kHooks[2]);
}

TEST(PlanHooks, NamesAFunctionThatIsMissingOnce) {
  const auto plan = PlanHooks(kHooks, Kernel({{"genl_rcv_msg", 3}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_STREQ(plan[0].function(), "dev_ethtool");
  EXPECT_EQ(plan[0].backend, std::nullopt);
  EXPECT_EQ(plan[0].reason,
            "this kernel has no function dev_ethtool (not built in, or inlined by the compiler)");
  EXPECT_EQ(plan[1].backend, Backend::kFexit);
}

TEST(PlanHooks, NamesAFunctionWithUnknownArgumentsOnce) {
  const auto plan = PlanHooks(kHooks, Kernel({{"dev_ethtool", 4}, {"genl_rcv_msg", 3}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_STREQ(plan[0].function(), "dev_ethtool");
  EXPECT_EQ(plan[0].backend, std::nullopt);
  EXPECT_EQ(plan[0].reason,
            "dev_ethtool has 4 arguments on this kernel, which the exporter does not support");
}

TEST(PlanHooks, DoesNotReadPastAFunctionOfOtherArguments) {
  const auto plan = PlanHooks(kHooks, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 2}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[1].backend, std::nullopt) << "2 fits the other function's alternative only";
}

TEST(PlanHooks, IsEmptyWithoutHooks) {
  EXPECT_TRUE(PlanHooks({}, Kernel({{"f", 1}}), kBoth, {}).empty());
}

TEST(Backend, HasTheNameOfItsFlag) {
  EXPECT_EQ(NameOf(Backend::kFexit), "fexit");
  EXPECT_EQ(NameOf(Backend::kKprobe), "kprobe");
  EXPECT_EQ(NameOf(Backend::kSyscall), "syscall");
}

TEST(KernelFunctions, KnowTheirArguments) {
  const KernelFunctions kernel = Kernel({{"dev_ethtool", 3}});
  EXPECT_EQ(kernel.Arguments("dev_ethtool"), 3);
  EXPECT_EQ(kernel.Arguments("dev_ethtool_2"), std::nullopt);
  EXPECT_EQ(kernel.Arguments(""), std::nullopt);
}

TEST(KernelFunctions, AreMissingWhenSkipped) {
  KernelFunctions kernel = Kernel({{"dev_ethtool", 3}, {"f", 1}});
  kernel.Skip("dev_ethtool");
  kernel.Skip("unknown");
  EXPECT_EQ(kernel.Arguments("dev_ethtool"), std::nullopt);
  EXPECT_EQ(kernel.Arguments("f"), 1);
}

constexpr Hook kRenamed[] = {Function("netif_set_mtu_ext", 3).Formerly("dev_set_mtu_ext")};

TEST(PlanHooks, TracesOneFunctionUnderOneOfItsNames) {
  const KernelFunctions both = Kernel({{"netif_set_mtu_ext", 3}, {"dev_set_mtu_ext", 3}});
  const auto newest = PlanHooks(kRenamed, both, kBoth, {});
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_STREQ(newest[0].function(), "netif_set_mtu_ext");
  EXPECT_EQ(newest[0].backend, Backend::kFexit);
  const auto older = PlanHooks(kRenamed, Kernel({{"dev_set_mtu_ext", 3}}), kBoth, {});
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].hook, &kRenamed[0]);
  EXPECT_STREQ(older[0].function(), "dev_set_mtu_ext");
  EXPECT_EQ(older[0].backend, Backend::kFexit);
}

TEST(PlanHooks, TakesAnotherBackendBeforeAnOlderName) {
  const KernelFunctions both = Kernel({{"netif_set_mtu_ext", 3}, {"dev_set_mtu_ext", 3}});
  Refusals refusals = {{{"netif_set_mtu_ext", Backend::kFexit}, "fexit: no"}};
  const auto kprobe = PlanHooks(kRenamed, both, kBoth, refusals);
  EXPECT_STREQ(kprobe[0].function(), "netif_set_mtu_ext");
  EXPECT_EQ(kprobe[0].backend, Backend::kKprobe);
  refusals[{"netif_set_mtu_ext", Backend::kKprobe}] = "kprobe: no";
  const auto older = PlanHooks(kRenamed, both, kBoth, refusals);
  EXPECT_STREQ(older[0].function(), "dev_set_mtu_ext");
  EXPECT_EQ(older[0].backend, Backend::kFexit);
}

TEST(PlanHooks, GivesTheReasonOfTheNewestNameWhereTheKernelHasNone) {
  const auto plan = PlanHooks(kRenamed, Kernel({}), kBoth, {});
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_STREQ(plan[0].function(), "netif_set_mtu_ext");
  EXPECT_EQ(plan[0].backend, std::nullopt);
  EXPECT_EQ(
      plan[0].reason,
      "this kernel has no function netif_set_mtu_ext (not built in, or inlined by the compiler)");
}

constexpr Hook kSuperfluous[] = {
    Function("dev_xdp_install", 6),
    Function("generic_xdp_install", 2).Unless("dev_xdp_install"),
};

TEST(PlanHooks, LeavesOutAHookThatAnotherOneMakesSuperfluous) {
  const auto both = PlanHooks(
      kSuperfluous, Kernel({{"dev_xdp_install", 6}, {"generic_xdp_install", 2}}), kBoth, {});
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].hook, &kSuperfluous[0]);
  const auto second = PlanHooks(kSuperfluous, Kernel({{"generic_xdp_install", 2}}), kBoth, {});
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].hook, &kSuperfluous[1]);
  EXPECT_EQ(second[0].backend, Backend::kFexit);
  const auto none = PlanHooks(kSuperfluous, Kernel({}), kBoth, {});
  ASSERT_EQ(none.size(), 1u);
  EXPECT_EQ(none[0].hook, &kSuperfluous[0]) << "its reason";
}

TEST(PlanHooks, PassesOverTheSyscallBackend) {
  const auto kernel = Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}});
  EXPECT_TRUE(PlanHooks(kHooks, kernel, std::vector{Backend::kSyscall}, {}).empty());
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "fexit: no"},
                             {{"dev_ethtool", Backend::kKprobe}, "kprobe: no"}};
  const auto plan = PlanHooks(kHooks, kernel, kAllBackends, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, std::nullopt);
  EXPECT_EQ(plan[0].reason, "fexit: no; kprobe: no");
}

TEST(EventPrograms, AreTheEntriesOfHooksThatCountEvents) {
  constexpr Hook kEnds[] = {Function("both", 1), Function("exit", 1).At(Ends::kExit),
                            Detail("detail", 1), Function("refused", 1)};
  const auto kernel = Kernel({{"both", 1}, {"exit", 1}, {"detail", 1}, {"refused", 1}});
  const Refusals refusals = {{{"both", Backend::kFexit}, "no"},
                             {{"refused", Backend::kFexit}, "no"},
                             {{"refused", Backend::kKprobe}, "no"}};
  EXPECT_EQ(EventPrograms(PlanHooks(kEnds, kernel, kBoth, refusals)),
            (std::set<std::string>{"both_kprobe", "exit_fexit"}));
}

TEST(ReasonsOf, GivesEachReasonOnce) {
  EXPECT_EQ(ReasonsOf({{"a", std::nullopt, "no"},
                       {"b", Backend::kFexit, ""},
                       {"c", std::nullopt, "no"},
                       {"sys_write", std::nullopt, "syscall: no"}}),
            "no; syscall: no");
}

}  // namespace
}  // namespace netchange
