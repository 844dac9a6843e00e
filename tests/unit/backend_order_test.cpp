// SPDX-License-Identifier: Apache-2.0
#include "kernel/backend_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

TEST(InOrderFor, HasKprobeFirstWhereTheKernelPreempts) {
  const std::vector all(std::begin(kAllBackends), std::end(kAllBackends));
  EXPECT_EQ(InOrderFor(all, false), all);
  EXPECT_THAT(InOrderFor(all, true),
              ElementsAre(Backend::kKprobe, Backend::kFexit, Backend::kSyscall));
  for (const Backend one : all) EXPECT_THAT(InOrderFor({one}, true), ElementsAre(one));
}

TEST(OrderNote, ExplainsTheOrderAndTheLossesOfFexit) {
  const std::vector all(std::begin(kAllBackends), std::end(kAllBackends));
  EXPECT_EQ(OrderNote(all, false), "");
  EXPECT_THAT(OrderNote(all, true), StartsWith("auto takes kprobe before fexit"));
  EXPECT_EQ(OrderNote({Backend::kFexit}, false), "");
  EXPECT_THAT(OrderNote({Backend::kFexit}, true), StartsWith("fexit can lose events"));
  EXPECT_EQ(OrderNote({Backend::kKprobe}, true), "");
  EXPECT_EQ(OrderNote({Backend::kSyscall}, true), "");
}

}  // namespace
}  // namespace netchange
