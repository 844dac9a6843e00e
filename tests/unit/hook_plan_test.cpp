// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_plan.h"

#include <gtest/gtest.h>

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    {"dev_ethtool", "dev_ethtool", 3, Need::kEvents},
    {"dev_ethtool_2", "dev_ethtool", 2, Need::kEvents},
    {"genl_rcv_msg", "genl_rcv_msg", 3, Need::kDetails},
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

TEST(PlanHooks, AppliesARefusalToItsAlternativeOnly) {
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "no"}};
  const auto plan =
      PlanHooks(kHooks, Kernel({{"dev_ethtool", 2}, {"genl_rcv_msg", 3}}), kBoth, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].hook, &kHooks[1]);
  EXPECT_EQ(plan[0].backend, Backend::kFexit);
}

TEST(PlanHooks, NamesAFunctionThatIsMissingOnce) {
  const auto plan = PlanHooks(kHooks, Kernel({{"genl_rcv_msg", 3}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_STREQ(plan[0].hook->function, "dev_ethtool");
  EXPECT_EQ(plan[0].backend, std::nullopt);
  EXPECT_EQ(plan[0].reason,
            "this kernel has no function dev_ethtool (not built in, or inlined by the compiler)");
  EXPECT_EQ(plan[1].backend, Backend::kFexit);
}

TEST(PlanHooks, NamesAFunctionWithUnknownArgumentsOnce) {
  const auto plan = PlanHooks(kHooks, Kernel({{"dev_ethtool", 4}, {"genl_rcv_msg", 3}}), kBoth, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_STREQ(plan[0].hook->function, "dev_ethtool");
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

constexpr Hook kAlternatives[] = {
    {"netif_set_mtu_ext", "netif_set_mtu_ext", 3, Need::kEvents},
    {"dev_set_mtu_ext", "dev_set_mtu_ext", 3, Need::kEvents, "netif_set_mtu_ext"},
    {"dev_set_mtu", "dev_set_mtu", 2, Need::kEvents, "netif_set_mtu_ext"},
};

TEST(PlanHooks, TakesOneOfSeveralAlternatives) {
  const std::unordered_map<std::string, int> kAll = {
      {"netif_set_mtu_ext", 3}, {"dev_set_mtu_ext", 3}, {"dev_set_mtu", 2}};
  for (const char* absent : {"", "netif_set_mtu_ext", "dev_set_mtu_ext"}) {
    auto functions = kAll;
    functions.erase(absent);
    const auto plan = PlanHooks(kAlternatives, Kernel(functions), kBoth, {});
    ASSERT_EQ(plan.size(), 1u) << absent;
    EXPECT_EQ(plan[0].hook, &kAlternatives[absent == std::string("netif_set_mtu_ext") ? 1 : 0]);
    EXPECT_EQ(plan[0].backend, Backend::kFexit);
  }
  const auto last = PlanHooks(kAlternatives, Kernel({{"dev_set_mtu", 2}}), kBoth, {});
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].hook, &kAlternatives[2]);
}

constexpr Hook kWithSystemCalls[] = {
    {"dev_ethtool", "dev_ethtool", 3, Need::kEvents},
    {"genl_rcv_msg", "genl_rcv_msg", 3, Need::kDetails},
    SystemCall("sys_ioctl"),
    SystemCall("sys_sendto"),
};

TEST(PlanHooks, LeavesSystemCallsAloneWhereAFunctionSeesEvents) {
  const auto plan = PlanHooks(kWithSystemCalls, Kernel({{"dev_ethtool", 3}, {"genl_rcv_msg", 3}}),
                              kAllBackends, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, Backend::kFexit);
  EXPECT_EQ(plan[1].backend, Backend::kFexit);
}

TEST(PlanHooks, TakesSystemCallsWhereNoFunctionSeesEvents) {
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "fexit: no"},
                             {{"dev_ethtool", Backend::kKprobe}, "kprobe: no"},
                             {{"sys_sendto", Backend::kSyscall}, "syscall: no"}};
  const auto plan =
      PlanHooks(kWithSystemCalls, Kernel({{"dev_ethtool", 3}}), kAllBackends, refusals);
  ASSERT_EQ(plan.size(), 4u);
  EXPECT_EQ(plan[0].reason, "fexit: no; kprobe: no") << "why the better way is not taken";
  EXPECT_EQ(plan[1].backend, std::nullopt);
  EXPECT_STREQ(plan[2].hook->name, "sys_ioctl");
  EXPECT_EQ(plan[2].backend, Backend::kSyscall);
  EXPECT_EQ(plan[3].backend, std::nullopt);
  EXPECT_EQ(plan[3].reason, "syscall: no");
}

TEST(PlanHooks, LooksAtNoFunctionWhereOnlySystemCallsAreWanted) {
  const auto plan =
      PlanHooks(kWithSystemCalls, Kernel({{"dev_ethtool", 3}}), std::vector{Backend::kSyscall}, {});
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, Backend::kSyscall);
  EXPECT_EQ(plan[1].backend, Backend::kSyscall);
}

TEST(PlanHooks, LooksAtNoSystemCallWhereNoneIsWanted) {
  const Refusals refusals = {{{"dev_ethtool", Backend::kFexit}, "no"}};
  const auto plan = PlanHooks(kWithSystemCalls, Kernel({{"dev_ethtool", 3}}),
                              std::vector{Backend::kFexit}, refusals);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].backend, std::nullopt);
}

TEST(PlanHooks, GivesTheReasonOfTheFirstWhereNoAlternativeIsThere) {
  const auto plan = PlanHooks(kAlternatives, Kernel({}), kBoth, {});
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0].hook, &kAlternatives[0]);
  EXPECT_EQ(plan[0].backend, std::nullopt);
}

}  // namespace
}  // namespace netchange
