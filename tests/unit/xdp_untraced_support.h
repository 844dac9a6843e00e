// SPDX-License-Identifier: Apache-2.0
// Counted changes and attached programs for the tests of UntracedChanges.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "collectors/xdp_untraced.h"
#include "support.h"

namespace netchange {

using Changes = Entries<xdp_key, counter>;

inline const std::uint32_t kHere = TestContext::kInitialNetns, kThere = kHere + 1;

inline std::pair<xdp_key, counter> Change(const char* device, xdp_operation operation,
                                          const char* program, std::uint64_t count = 1,
                                          std::uint64_t at = 1, std::uint32_t netns = kHere) {
  xdp_key key{};
  key.device = Device(device, netns);
  key.operation = operation;
  key.mode = XDP_MODE_ID_NATIVE;
  Fill(key.program, program);
  return {key, {count, at}};
}

inline AttachedProgram Attached(const char* device, const char* program,
                                std::uint32_t netns = kHere, std::uint32_t id = 7) {
  AttachedProgram attached{Device(device, netns), {id, {}, {}}, XDP_MODE_ID_NATIVE};
  Fill(attached.program.name, program);
  return attached;
}

inline const std::set<NetnsId> kRead = {{kHere, Device("eth0").netns_cookie},
                                        {kThere, Device("eth0").netns_cookie}};

// Each call is a second after the previous one.
inline std::vector<xdp_key> Check(UntracedChanges& untraced, const Changes& changes,
                                  const std::vector<AttachedProgram>& attached) {
  static std::chrono::seconds now{0};
  return untraced.Check(changes, attached, &kRead, ++now);
}

inline void ExpectNone(UntracedChanges& untraced, const Changes& changes,
                       const std::vector<AttachedProgram>& attached, int checks = 3) {
  for (int check = 0; check < checks; ++check)
    EXPECT_THAT(Check(untraced, changes, attached), testing::IsEmpty());
}

}  // namespace netchange
