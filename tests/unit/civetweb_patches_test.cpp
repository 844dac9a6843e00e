// SPDX-License-Identifier: Apache-2.0
// The CivetWeb that is compiled in has Debian's security patches.
#include <civetweb.h>
#include <gtest/gtest.h>

namespace netchange {
namespace {

TEST(CivetwebPatches, RefuseControlCharactersInForms) {
  char decoded[16];
  EXPECT_EQ(mg_url_decode("a+b", 3, decoded, sizeof(decoded), 1), 3);
  EXPECT_STREQ(decoded, "a b");
  EXPECT_EQ(mg_url_decode("a\nb", 3, decoded, sizeof(decoded), 1), -1)
      << "built without the patches of CVE-2025-9648: run ./dev setup exporter, and configure anew";
}

}  // namespace
}  // namespace netchange
