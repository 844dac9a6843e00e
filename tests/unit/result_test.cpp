// SPDX-License-Identifier: Apache-2.0
#include "util/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace netchange {
namespace {

TEST(Result, HoldsAValue) {
  Result<std::string> result(std::string("value"));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, "value");
  EXPECT_EQ(result->size(), 5u);
  *result += "s";
  EXPECT_EQ(*std::as_const(result), "values");
}

TEST(Result, HoldsAnError) {
  const Result<int> result(Error{"no number"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no number");
}

TEST(Result, IsAValueAlsoWhenTheValueIsFalse) {
  EXPECT_TRUE(Result<bool>(false));
  EXPECT_TRUE(Result<int>(0));
  EXPECT_TRUE(Result<std::string>(std::string()));
}

TEST(Result, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  ASSERT_TRUE(result);
  const std::unique_ptr<int> taken = std::move(*result);
  EXPECT_EQ(*taken, 7);
}

TEST(Status, IsGoodWithoutAnError) { EXPECT_TRUE(Status()); }

TEST(Status, HoldsAnError) {
  const Status status(Error{"refused"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "refused");
}

TEST(SystemError, SaysWhatWasTriedAndWhyItFailed) {
  EXPECT_EQ(SystemError("read x", ENOENT).message, "read x: No such file or directory");
}

}  // namespace
}  // namespace netchange
