// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_cookie.h"

#include <gtest/gtest.h>

namespace netchange::internal {
namespace {

TEST(NetnsCookie, IsTheSameFromTheSocketAndFromTheProgram) {
  const std::uint32_t of_socket = NetnsCookieOfSocket(), of_program = NetnsCookieOfProgram();
  if (!of_socket) GTEST_SKIP() << "sockets tell the cookie from Linux 5.14 on";
  if (!of_program) GTEST_SKIP() << "this process may not load BPF programs";
  EXPECT_EQ(of_socket, of_program);
}

}  // namespace
}  // namespace netchange::internal
