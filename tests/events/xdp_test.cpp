// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "changes.h"
#include "xdp_events.h"

namespace netchange::test {
namespace {

TEST_F(Xdp, CountsAttachAndDetachByTheRealProgram) {
  for (const char* mode : {"xdpdrv", "xdpgeneric"}) {
    const RunResult run =
        Execute({"ip", "link", "set", "dev", "nct0", mode, "obj", kPrograms, "sec", "xdp/first"});
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_EQ(Execute({"ip", "link", "set", "dev", "nct0", mode, "off"}).status, 0);
  }
  for (const char* mode : {"native", "generic"}) {
    ExpectChange({"nct0", "attach", mode, "first_prog", "ip"});
    ExpectChange({"nct0", "detach", mode, "first_prog", "ip"});
  }
}

TEST_F(Xdp, CountsAReplacementUnderTheNewNameAndADetachUnderTheOldOne) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE,
                programs.second()) == 0);
    MUST(Attach("nct0", -1, XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "replace", "native", "second_prog"});
  ExpectChange({"nct0", "replace", "native", "first_prog"});
  ExpectChange({"nct0", "detach", "native", "first_prog"});
}

TEST_F(Xdp, CountsNothingWhenNothingChanges) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("nct0", -1, XDP_FLAGS_DRV_MODE) == 0);  // no program is attached
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == 0);  // the same again
    MUST(Attach("nct0", -1, XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "detach", "native", "first_prog"});
}

TEST_F(Xdp, CountsRefusalsByTheirErrno) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST) ==
         EBUSY);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_SKB_MODE) == EEXIST);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE,
                programs.second()) == EEXIST);
    MUST(Attach("nct0", -1, XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectError({"nct0", "replace", "native", "second_prog"}, "EBUSY");
  ExpectError({"nct0", "attach", "generic", "second_prog"}, "EEXIST");
  ExpectError({"nct0", "replace", "native", "second_prog"}, "EEXIST");
  ExpectChange({"nct0", "detach", "native", "first_prog"});
}

TEST_F(Xdp, CountsADriverThatRefusesOrCannot) {
  SKIP_WITHOUT(Execute({"ip", "link", "add", "ncdummy", "type", "dummy"}).status == 0,
               "no dummy devices");
  ASSERT_EQ(Execute({"ip", "link", "set", "nct1", "mtu", "9000"}).status,
            0);  // too large for a frame of nct0's driver
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncdummy", programs.first(), XDP_FLAGS_DRV_MODE) == EOPNOTSUPP);
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == ERANGE);
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "ncdummy"}).status, 0);
  ExpectError({"ncdummy", "attach", "native", "first_prog"}, "EOPNOTSUPP");
  ExpectLink("mtu", "nct1");
  ExpectError({"nct0", "attach", "native", "first_prog"}, "ERANGE");
}

TEST_F(Xdp, CountsAnOffloadThatIsRefused) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_HW_MODE) == EINVAL);
    return 0;
  });
  ExpectError({"nct0", "attach", "offload", "first_prog"}, "EINVAL");
}

TEST_F(Xdp, CountsOnOtherDrivers) {
  ASSERT_EQ(Execute({"ip", "tuntap", "add", "dev", "nctap", "mode", "tap"}).status, 0);
  std::vector<std::string> devices = {"nctap"};
  if (if_nametoindex("eth0")) devices.emplace_back("eth0");
  RunLoader([&] {
    const Programs programs;
    for (const std::string& device : devices) {
      MUST(Attach(device, programs.first(), XDP_FLAGS_DRV_MODE) == 0);
      MUST(Attach(device, programs.second(), XDP_FLAGS_DRV_MODE) == 0);
      MUST(Attach(device, -1, XDP_FLAGS_DRV_MODE) == 0);
      MUST(Attach(device, -1, XDP_FLAGS_DRV_MODE) == 0);
    }
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "nctap"}).status, 0);
  for (const std::string& device : devices) {
    ExpectChange({device, "attach", "native", "first_prog"});
    ExpectChange({device, "replace", "native", "second_prog"});
    ExpectChange({device, "detach", "native", "second_prog"});
  }
}

TEST_F(Xdp, ShowsTheAttachedPrograms) {
  const auto series = [](const std::string& device, const std::string& mode) {
    return R"({device=")" + device + R"(",mode=")" + mode +
           R"(",program="second_prog",program_id=")";
  };
  EXPECT_EQ(Attached(), std::vector<std::string>());
  RunLoader([] {
    const Programs programs;
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct1", programs.second(), XDP_FLAGS_SKB_MODE) == 0);
    return 0;
  });
  const auto first = Attached();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_TRUE(first[0].starts_with(series("nct0", "native"))) << first[0];
  EXPECT_TRUE(first[1].starts_with(series("nct1", "generic"))) << first[1];
  const auto tag = first[0].find(R"(",tag=")");
  ASSERT_NE(tag, std::string::npos);
  EXPECT_EQ(first[0].size(), tag + std::strlen(R"(",tag="")") + 16 + 1) << first[0];

  Daemon restarted(kRestartPort, Only({"xdp"}));
  ASSERT_TRUE(restarted.WaitUntilReady()) << restarted.Output();
  EXPECT_EQ(Attached(kRestartPort), first) << "right at its start";
  restarted.Stop();

  EXPECT_EQ(Execute({"ip", "link", "set", "nct1", "name", "ncnew"}).status, 0);
  ExpectLink("name", "nct1");
  if (BySystemCalls()) std::this_thread::sleep_for(kApart);
  const auto renamed = Attached();
  ASSERT_EQ(renamed.size(), 2U);
  EXPECT_TRUE(renamed[0].starts_with(series("ncnew", "generic"))) << renamed[0];
  EXPECT_EQ(Execute({"ip", "link", "set", "dev", "nct0", "xdpdrv", "off"}).status, 0);
  EXPECT_EQ(Attached().size(), 1U);
  EXPECT_EQ(Execute({"ip", "link", "del", "ncnew"}).status, 0);
  EXPECT_EQ(Attached(), std::vector<std::string>());
  ExpectChange({"nct0", "attach", "native", "second_prog"});
  ExpectChange({"nct1", "attach", "generic", "second_prog"});
  ExpectChange({"nct0", "detach", "native", "second_prog", "ip"});
  ExpectByKernel({"ncnew", "device_deleted", "generic", "second_prog", "ip"});
}

TEST_F(Xdp, ShowsTheKernelsMessageAndThePrograms) {
  ASSERT_EQ(Execute({"ip", "link", "set", "nct1", "mtu", "9000"}).status, 0);
  ExpectLink("mtu", "nct1");
  const RunResult run = ForkAs("loader", [] {
    const Programs programs;
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == ERANGE);
    MUST(CreateLink("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == -ERANGE);
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_SKB_MODE) == 0);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_DRV_MODE) == EEXIST);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_SKB_MODE) == 0);
    MUST(Attach("nct0", -1, XDP_FLAGS_SKB_MODE) == 0);
    return 0;
  });
  EXPECT_EQ(run.status, 0) << run.output;
  ExpectError({"nct0", "attach", "native", "first_prog"}, "ERANGE");
  ExpectError({"nct0", "attach", "native", "first_prog"}, "ERANGE");
  ExpectChange({"nct0", "attach", "generic", "first_prog"});
  ExpectError({"nct0", "attach", "native", "second_prog"}, "EEXIST");
  ExpectChange({"nct0", "replace", "generic", "second_prog"});
  ExpectChange({"nct0", "detach", "generic", "second_prog"});
  const auto events = EventsOf(run.pid, 6);
  ASSERT_EQ(events.size(), 6U);
  const auto& replaced = events[4];
  EXPECT_EQ(replaced["old_program"], "first_prog");
  EXPECT_EQ(replaced["new_program"], "second_prog");
  EXPECT_EQ(events[5]["old_program_id"], replaced["new_program_id"]);
  EXPECT_EQ(events[5]["old_program_tag"], replaced["new_program_tag"]);
  EXPECT_EQ(std::string(replaced["new_program_tag"]).size(), 16U);
  EXPECT_FALSE(events[5].contains("new_program_tag"));
  EXPECT_FALSE(replaced.contains("message")) << "what succeeds has none";
  for (const auto& event : events) EXPECT_LT(event["duration_seconds"], 1.0);
  if (BySystemCalls()) GTEST_SKIP() << "the syscall backend does not know the kernel's message";
  SKIP_WITHOUT(HookIsAttached(port(), "do_trace_netlink_extack"),
               "no do_trace_netlink_extack(), so there are no messages");
  for (const std::size_t i : {0, 1}) {
    EXPECT_NE(std::string(events[i].value("message", "")).find("MTU"), std::string::npos)
        << events[i];
  }
  EXPECT_NE(std::string(events[3].value("message", "")).find("can't be active at the same time"),
            std::string::npos)
      << events[3];
}

// A hook must not prevent unloading the driver, and must be back when the driver is.
TEST_F(Xdp, FollowsADriverThatIsUnloadedAndLoaded) {
  SKIP_BY_SYSTEM_CALLS("xdp", "the syscall backend does not hook drivers");
  SKIP_WITHOUT(std::filesystem::exists("/modules/tun.ko"), "no tun as a module");
  const auto is_hooked = [](const Page&) { return HookIsAttached(kDriverPort, "tun:tun_xdp"); };
  const auto is_not_hooked = [&](const Page& page) { return !is_hooked(page); };
  Page page;
  EXPECT_TRUE(is_hooked(page));
  for (int round = 0; round < 2; ++round) {
    const RunResult removed = Execute({"rmmod", "tun"});
    ASSERT_EQ(removed.status, 0) << removed.output;
    EXPECT_TRUE(Eventually(kDriverPort, page, is_not_hooked));
    ASSERT_EQ(Execute({"insmod", "/modules/tun.ko"}).status, 0);
    EXPECT_TRUE(Eventually(kDriverPort, page, is_hooked));
    ASSERT_EQ(Execute({"ip", "tuntap", "add", "dev", "nctap", "mode", "tap"}).status, 0);
    RunLoader([] {
      const Programs programs;
      MUST(Attach("nctap", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
      return 0;
    });
    EXPECT_EQ(Execute({"ip", "link", "del", "nctap"}).status, 0);
    ExpectChange({"nctap", "attach", "native", "first_prog"});
    ExpectChange({"nctap", "device_deleted", "native", "first_prog", "ip"});
  }
}

TEST_F(Xdp, LosesNothingOfFourThreads) {
  constexpr int kThreads = 4;
  const int rounds = Load(250);
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_EQ(Execute({"ip", "link", "add", "ncx" + std::to_string(i), "type", "veth", "peer",
                       "name", "ncy" + std::to_string(i)})
                  .status,
              0);
  }
  RunLoader([=] {
    const Programs programs;
    std::vector<std::thread> threads;
    std::atomic<int> failed = 0;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, device = "ncx" + std::to_string(i)] {
        for (int round = 0; round < rounds; ++round) {
          failed += Attach(device, programs.first(), XDP_FLAGS_DRV_MODE) != 0;
          failed += Attach(device, -1, XDP_FLAGS_DRV_MODE) != 0;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    MUST(failed == 0);
    return 0;
  });
  for (int i = 0; i < kThreads; ++i) {
    const std::string device = "ncx" + std::to_string(i);
    EXPECT_EQ(Execute({"ip", "link", "del", device}).status, 0);
    ExpectChange({device, "attach", "native", "first_prog"}, rounds);
    ExpectChange({device, "detach", "native", "first_prog"}, rounds);
  }
  if (!BySystemCalls()) return;
  // A change whose event was lost is found by two scrapes: here, not in the next case.
  Scrape(port());
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  Scrape(port());
}

}  // namespace
}  // namespace netchange::test
