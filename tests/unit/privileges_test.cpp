// SPDX-License-Identifier: Apache-2.0
#include "kernel/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <cerrno>

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

constexpr std::uint64_t kRoot = ~std::uint64_t{0};
constexpr std::uint64_t kLeast = 1ULL << CAP_BPF | 1ULL << CAP_PERFMON;

TEST(ExplainRefusal, NamesMissingCapabilitiesForEveryBackend) {
  for (const Backend backend : kAllBackends) {
    for (const int error : {EPERM, EACCES}) {
      EXPECT_THAT(ExplainRefusal(backend, error, {}), Optional(HasSubstr("CAP_BPF")));
      EXPECT_THAT(ExplainRefusal(backend, error, {1ULL << CAP_BPF, true}),
                  Optional(HasSubstr("CAP_PERFMON")));
    }
  }
}

TEST(ExplainRefusal, NamesLockdown) {
  for (const Backend backend : kAllBackends) {
    for (const int error : {EPERM, EINVAL}) {
      EXPECT_THAT(ExplainRefusal(backend, error, {kRoot, true, true}),
                  Optional(HasSubstr("lockdown=integrity")));
    }
    EXPECT_EQ(ExplainRefusal(backend, EINVAL, {kRoot, true, false}), std::nullopt);
    EXPECT_EQ(ExplainRefusal(backend, ENOENT, {kRoot, true, true}), std::nullopt);
  }
}

TEST(ExplainRefusal, KnowsAKernelWithoutTracingOrKprobes) {
  EXPECT_THAT(ExplainRefusal(Backend::kFexit, EPERM, {kLeast, true}),
              Optional(HasSubstr("refuses tracing")));
  EXPECT_THAT(ExplainRefusal(Backend::kFexit, 524, {kLeast, true}),
              Optional(HasSubstr("trampolines")));
  EXPECT_THAT(ExplainRefusal(Backend::kKprobe, ENOENT, {kLeast, false}),
              Optional(HasSubstr("CONFIG_KPROBES")));
}

TEST(ExplainRefusal, NamesTheLevelThatDebianRestrictsPerfEventsWith) {
  const Environment debian{kLeast, true, false, 3};
  for (const Backend backend : {Backend::kKprobe, Backend::kSyscall}) {
    EXPECT_THAT(ExplainRefusal(backend, EACCES, debian), Optional(HasSubstr("CAP_SYS_ADMIN")));
    EXPECT_EQ(ExplainRefusal(backend, EACCES, {kRoot, true, false, 3}), std::nullopt);
    EXPECT_EQ(ExplainRefusal(backend, EACCES, {kLeast, true, false, 2}), std::nullopt);
  }
  EXPECT_EQ(ExplainRefusal(Backend::kFexit, EACCES, debian), std::nullopt);
}

TEST(ExplainRefusal, NamesTheRightForProgramsOnCgroups) {
  EXPECT_THAT(ExplainRefusal(Backend::kSyscall, EPERM, {kLeast, true}),
              Optional(HasSubstr("CAP_NET_ADMIN")));
  EXPECT_EQ(ExplainRefusal(Backend::kSyscall, EPERM, {kLeast | 1ULL << CAP_NET_ADMIN, true}),
            std::nullopt);
}

TEST(MissingCapabilities, AreNoneOfRoot) {
  EXPECT_THAT(MissingCapabilities({kRoot, true}), IsEmpty());
}

TEST(MissingCapabilities, SayWhatIsSeenWorseWithoutThem) {
  Environment here{kLeast, true};
  EXPECT_THAT(MissingCapabilities(here),
              ElementsAre(HasSubstr("CAP_SYS_ADMIN"), HasSubstr("CAP_SYSLOG")));
  here.namespaces = false;
  here.capabilities = kRoot & ~(1ULL << CAP_SYS_PTRACE);
  EXPECT_THAT(MissingCapabilities(here), ElementsAre(HasSubstr("CAP_SYS_PTRACE")));
}

TEST(ExplainRefusal, SaysNothingOfWhatConcernsOneHook) {
  EXPECT_EQ(ExplainRefusal(Backend::kFexit, ENOENT, {kRoot, true}), std::nullopt);
  EXPECT_EQ(ExplainRefusal(Backend::kKprobe, ENOENT, {kRoot, true}), std::nullopt);
  EXPECT_EQ(ExplainRefusal(Backend::kSyscall, ENOENT, {kRoot, true}), std::nullopt);
}

}  // namespace
}  // namespace netchange
