// SPDX-License-Identifier: Apache-2.0
#include "util/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace netchange {
namespace {

int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

TEST(Fd, IsNoneByDefault) {
  const Fd none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.get(), -1);
}

TEST(Fd, TakesZeroAsADescriptor) {
  const int standard_input = dup(0);
  const int null = OpenNull();
  ASSERT_EQ(dup2(null, 0), 0);
  close(null);
  {
    const Fd zero(0);
    EXPECT_TRUE(zero);
  }
  EXPECT_FALSE(IsOpen(0)) << "owned, so closed";
  if (standard_input >= 0) {
    dup2(standard_input, 0);
    close(standard_input);
  }
}

TEST(Fd, ClosesAtTheEndOfItsLife) {
  const int fd = OpenNull();
  {
    const Fd owner(fd);
    EXPECT_TRUE(owner);
    EXPECT_EQ(owner.get(), fd);
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(Fd, PassesOwnershipOnWhenMoved) {
  const int fd = OpenNull();
  {
    Fd first(fd);
    Fd second(std::move(first));
    EXPECT_EQ(first.get(), -1);  // NOLINT(bugprone-use-after-move): that is the promise
    EXPECT_EQ(second.get(), fd);
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(Fd, ClosesBothAfterAnAssignment) {
  const int one = OpenNull();
  const int two = OpenNull();
  {
    Fd target(one);
    target = Fd(two);
    EXPECT_EQ(target.get(), two);
    EXPECT_TRUE(IsOpen(two));
    EXPECT_FALSE(IsOpen(one)) << "the temporary took it";
  }
  EXPECT_FALSE(IsOpen(two));
}

}  // namespace
}  // namespace netchange
