// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "event_test.h"
#include "programs.skel.h"

namespace netchange::test {
namespace {

const std::string kPrograms = BesideTheTests("programs.bpf.o");

// Both programs loaded, in the process that calls it.
class Programs {
 public:
  Programs() : skeleton_(programs_bpf__open()) {
    bpf_program__set_type(skeleton_->progs.first_prog,
                          BPF_PROG_TYPE_XDP);  // the section's name does not say it
    bpf_program__set_type(skeleton_->progs.second_prog, BPF_PROG_TYPE_XDP);
    programs_bpf__load(skeleton_);
  }
  ~Programs() { programs_bpf__destroy(skeleton_); }
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  [[nodiscard]] int first() const { return bpf_program__fd(skeleton_->progs.first_prog); }
  [[nodiscard]] int second() const { return bpf_program__fd(skeleton_->progs.second_prog); }

 private:
  programs_bpf* skeleton_;
};

// By netlink; 0 or the errno.
int Attach(const std::string& device, int program, std::uint32_t flags, int expected = 0) {
  LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = expected);
  return -bpf_xdp_attach(static_cast<int>(if_nametoindex(device.c_str())), program, flags,
                         expected ? &options : nullptr);
}

// A link on a device; -errno if there is none.
int CreateLink(const std::string& device, int program, std::uint32_t flags) {
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
  return bpf_link_create(program, static_cast<int>(if_nametoindex(device.c_str())), BPF_XDP,
                         &options);
}

constexpr int kDriverPort = 10419;   // of an exporter that looks into drivers instead
constexpr int kRestartPort = 10420;  // of one that starts when something is attached

// Waits for a series, at most a minute.
bool Appears(int port, const std::string& series, bool there = true) {
  for (int i = 0; i < 600; ++i) {
    if (Scrape(port).contains(series) == there) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// Every test runs before two exporters: one observes dev_xdp_install(), the other acts as on a
// kernel without that function. Both must count the same.
class Xdp : public EventTest {
 protected:
  static void SetUpTestSuite() {
    if (!Blindness("xdp").empty()) return;
    std::ofstream("/tmp/drivers.yml")
        << "skip_functions: [dev_xdp_install]\ncollectors: {ethtool: false, sysctl: false}\n";
    drivers_ = new Daemon(kDriverPort, {"--config.file=/tmp/drivers.yml"});
    ASSERT_TRUE(drivers_->WaitUntilReady()) << drivers_->process().Output();
    ASSERT_EQ(Scrape(kDriverPort)[R"(netchange_collector_up{collector="xdp"})"], 1)
        << drivers_->process().Output();
  }
  static void TearDownTestSuite() {
    if (!drivers_) return;
    EXPECT_EQ(drivers_->process().Stop(SIGTERM), 0) << drivers_->process().Output();
    delete drivers_;
  }
  [[nodiscard]] std::vector<int> Ports() const override { return {port(), kDriverPort}; }
  inline static Daemon* drivers_ = nullptr;

  struct What {
    std::string device, operation, mode, program;
    std::string comm = "loader";
  };

  static Labels LabelsOf(const What& w, const std::string& error = "") {
    return {{"device", w.device},
            {"comm", w.comm},
            {"parent_comm", "event_tests"},
            {"operation", w.operation},
            {"mode", w.mode},
            {"program", w.program},
            {"errno", error}};
  }
  void ExpectChange(const What& w, double times = 1) {
    Expect("netchange_xdp_changes_total", LabelsOf(w), times);
  }
  // What the kernel does when a link is closed or a device goes: no system call says who made it.
  void ExpectByKernel(What w, double times = 1, std::string parent = "event_tests") {
    if (BySystemCalls()) w.comm = parent = "unknown";
    Labels labels = LabelsOf(w);
    labels[2].second = parent;
    Expect("netchange_xdp_changes_total", labels, times);
  }
  static bool BySystemCalls() { return BackendOf("xdp") == "syscall"; }
  void ExpectError(const What& w, const std::string& error) {
    Expect("netchange_xdp_change_errors_total", LabelsOf(w, error));
  }

  // In a process of its own; what it returns is 0 if all was as it should be, else the line of the
  // first that was not.
  static void RunLoader(const std::function<int()>& work) {
    const RunResult run = ForkAs("loader", work);
    EXPECT_EQ(run.status, 0) << "line " << run.status << ": " << run.output;
  }

  // Labels of what is attached now, by both exporters; empty if they differ.
  static std::vector<std::string> Attached(int at = 0) {
    std::vector<std::string> found;
    for (const auto& [series, value] : Scrape(at ? at : port())) {
      if (!series.starts_with("netchange_xdp_attached_info")) continue;
      EXPECT_EQ(value, 1) << series;
      found.push_back(series.substr(series.find('{')));
    }
    if (at) return found;
    EXPECT_EQ(found, Attached(kDriverPort));
    return found;
  }

  // The events that a process made, as /changes tells them, the oldest first.
  static std::vector<nlohmann::json> EventsOf(pid_t pid, std::size_t count) {
    std::vector<nlohmann::json> events;
    for (int i = 0; i < 100 && events.size() < count; ++i) {
      events.clear();
      const auto changes = nlohmann::json::parse(Get(port(), "/changes"), nullptr, false);
      for (const auto& event : changes) {
        if (event["pid"] == pid) events.insert(events.begin(), event);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return events;
  }

  void SetUp() override {
    SKIP_IF_BLIND("xdp");
    EventTest::SetUp();
  }

  // What passed no system call is found when two scrapes, a second apart, find the same.
  void TearDown() override {
    for (int scrape = 0; BySystemCalls() && scrape < 2; ++scrape) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1001));
      Attached();
    }
    EventTest::TearDown();
  }

  VethPair pair_{"nct0", "nct1"};
};

// An exit status has eight bits: the line is told but for multiples of 256, and none of them is 0.
#define MUST(condition)                                                     \
  static_assert(__LINE__ % 256 != 0, "its exit status would mean success"); \
  if (!(condition)) return __LINE__

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
    MUST(Attach("nct0", -1, XDP_FLAGS_DRV_MODE) == 0);  // nothing is there
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

TEST_F(Xdp, CountsTheLifeOfALink) {
  RunLoader([] {
    const Programs programs;
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
    const int link = bpf_link_create(programs.first(), static_cast<int>(if_nametoindex("nct0")),
                                     BPF_XDP, &options);
    MUST(link >= 0);
    MUST(bpf_link_update(link, programs.first(), nullptr) == 0);  // the same: no change
    MUST(bpf_link_update(link, programs.second(), nullptr) == 0);
    close(link);
    return 0;
  });
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "replace", "native", "second_prog"});
  ExpectByKernel({"nct0", "detach", "native", "second_prog"});
}

TEST_F(Xdp, CountsALinkThatIsDetachedOnce) {
  RunLoader([] {
    const Programs programs;
    const int link = CreateLink("nct0", programs.first(), XDP_FLAGS_DRV_MODE);
    MUST(link >= 0);
    MUST(bpf_link_detach(link) == 0);
    close(link);
    return 0;
  });
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "detach", "native", "first_prog"});
}

TEST_F(Xdp, CountsRefusalsOfLinks) {
  RunLoader([] {
    const Programs programs;
    const int link = CreateLink("nct0", programs.first(), XDP_FLAGS_DRV_MODE);
    MUST(link >= 0);
    MUST(CreateLink("nct0", programs.second(), XDP_FLAGS_DRV_MODE) == -EBUSY);
    MUST(Attach("nct0", programs.second(), XDP_FLAGS_DRV_MODE) == EBUSY);
    LIBBPF_OPTS(bpf_link_update_opts, options, .flags = BPF_F_REPLACE,
                .old_prog_fd = static_cast<__u32>(programs.second()));
    MUST(bpf_link_update(link, programs.second(), &options) == -EPERM);
    close(link);
    return 0;
  });
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectError({"nct0", "replace", "native", "second_prog"}, "EBUSY");
  ExpectError({"nct0", "replace", "native", "second_prog"}, "EBUSY");
  ExpectError({"nct0", "replace", "native", "second_prog"}, "EPERM");
  ExpectByKernel({"nct0", "detach", "native", "first_prog"});
}

TEST_F(Xdp, CountsAnUpdateOfALinkWhoseDeviceIsGone) {
  RunLoader([] {
    const Programs programs;
    MUST(Execute({"ip", "link", "add", "ncgone0", "type", "veth", "peer", "name", "ncgone1"})
             .status == 0);
    const int link = CreateLink("ncgone0", programs.first(), XDP_FLAGS_SKB_MODE);
    MUST(link >= 0);
    MUST(Execute({"ip", "link", "del", "ncgone0"}).status == 0);
    MUST(bpf_link_update(link, programs.second(), nullptr) == -ENOLINK);
    close(link);
    return 0;
  });
  ExpectChange({"ncgone0", "attach", "generic", "first_prog"});
  ExpectByKernel({"ncgone0", "detach", "generic", "first_prog", "ip"}, 1, "loader");
  Expect("netchange_xdp_change_errors_total", {{"netns", "unknown"},
                                               {"comm", "loader"},
                                               {"parent_comm", "event_tests"},
                                               {"operation", "replace"},
                                               {"mode", "generic"},
                                               {"program", "second_prog"},
                                               {"errno", "ENOLINK"}});
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
  if (Execute({"ip", "link", "show", "eth0"}).status == 0) devices.emplace_back("eth0");
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

// A bond of nct0 and ncp0, both ends of pairs.
class XdpBond : public Xdp {
 protected:
  void SetUp() override {
    SKIP_IF_BLIND("xdp");
    if (BySystemCalls()) GTEST_SKIP() << "what a bond does to its ports is no system call";
    ASSERT_EQ(
        Execute({"ip", "link", "add", "ncbond", "type", "bond", "mode", "active-backup"}).status,
        0);
    Join("nct0");
    Join("ncp0");
    const RunResult probe = ForkAs("loader", [] {
      const Programs programs;
      const int error = Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE);
      return error ? error : Attach("ncbond", -1, XDP_FLAGS_DRV_MODE);
    });
    Xdp::SetUp();  // what was counted so far is the beginning
    if (probe.status == EOPNOTSUPP) GTEST_SKIP() << "bonds take XDP programs from Linux 5.15 on";
    ASSERT_EQ(probe.status, 0);
  }
  void TearDown() override {
    if (!Blindness("xdp").empty() || BySystemCalls()) return;
    EXPECT_EQ(Execute({"ip", "link", "del", "ncbond"}).status, 0);
    for (const std::string& port : ports_) ExpectAddressSet(port);
    Xdp::TearDown();
  }
  void Join(const std::string& port) {
    EXPECT_EQ(Execute({"ip", "link", "set", port, "down"}).status, 0);
    EXPECT_EQ(Execute({"ip", "link", "set", port, "master", "ncbond"}).status, 0);
    ports_.insert(port);
  }
  void Enslave(const std::string& port) {
    Join(port);
    ExpectLink("flags", port, {1, 0});
    ExpectPortSet(port);
  }
  void Release(const std::string& port) {
    EXPECT_EQ(Execute({"ip", "link", "set", port, "nomaster"}).status, 0);
    ExpectPortSet(port);
    ports_.erase(port);
  }
  // A bond sets MTU and address of a port that it takes or lets go; only the address at its own
  // end.
  void ExpectPortSet(const std::string& port) {
    ExpectLink("mtu", port, {1, 0});
    ExpectAddressSet(port);
  }
  // The bond has the address of its first port.
  void ExpectAddressSet(const std::string& port) {
    ExpectLink("address", port, {1, port == "nct0" ? 0.0 : 1.0});
  }
  // All three do the same.
  void ExpectAll(const std::string& operation, const std::string& program) {
    for (const char* device : {"ncbond", "nct0", "ncp0"})
      ExpectChange({device, operation, "native", program});
  }

  VethPair second_pair_{"ncp0", "ncp1"};
  std::set<std::string> ports_;
};

TEST_F(XdpBond, CountsEachPortAsADevice) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("ncbond", programs.second(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == EEXIST);
    MUST(Attach("ncbond", -1, XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectAll("attach", "first_prog");
  ExpectAll("replace", "second_prog");
  ExpectError({"nct0", "attach", "native", "first_prog"}, "EEXIST");
  ExpectAll("detach", "second_prog");
}

TEST_F(XdpBond, CountsTheLifeOfALink) {
  RunLoader([] {
    const Programs programs;
    const int link = CreateLink("ncbond", programs.first(), XDP_FLAGS_DRV_MODE);
    MUST(link >= 0);
    MUST(bpf_link_update(link, programs.second(), nullptr) == 0);
    close(link);
    return 0;
  });
  ExpectAll("attach", "first_prog");
  ExpectAll("replace", "second_prog");
  ExpectAll("detach", "second_prog");
}

TEST_F(XdpBond, CountsNothingOfPortsInGenericMode) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_SKB_MODE) == 0);
    MUST(Attach("ncbond", -1, XDP_FLAGS_SKB_MODE) == 0);
    return 0;
  });
  ExpectChange({"ncbond", "attach", "generic", "first_prog"});
  ExpectChange({"ncbond", "detach", "generic", "first_prog"});
}

TEST_F(XdpBond, CountsAPortThatJoinsAndOneThatLeaves) {
  Release("ncp0");
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  Enslave("ncp0");
  const auto attached = Attached();
  ASSERT_EQ(attached.size(), 3U) << "the bond and both ports";
  EXPECT_TRUE(attached[0].starts_with(R"({device="ncbond",mode="native",program="first_prog")"))
      << attached[0];
  EXPECT_TRUE(attached[1].starts_with(R"({device="ncp0",mode="native",program="first_prog")"))
      << attached[1];
  Release("nct0");
  EXPECT_EQ(Execute({"ip", "link", "set", "dev", "ncbond", "xdpdrv", "off"}).status, 0);
  EXPECT_EQ(Attached(), std::vector<std::string>());
  ExpectChange({"ncbond", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"ncp0", "attach", "native", "first_prog", "ip"});
  ExpectChange({"nct0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncp0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncbond", "detach", "native", "first_prog", "ip"});
}

// The bond takes back what it gave to the first port, when the second has no XDP.
TEST_F(XdpBond, CountsWhatIsTakenBack) {
  Release("ncp0");
  ASSERT_EQ(Execute({"ip", "link", "add", "ncdummy", "type", "dummy"}).status, 0);
  Enslave("ncdummy");
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == EOPNOTSUPP);
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "ncdummy"}).status, 0);
  ExpectLink("address", "ncdummy");
  ports_.erase("ncdummy");
  ExpectError({"ncbond", "attach", "native", "first_prog"}, "EOPNOTSUPP");
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "detach", "native", "first_prog"});
}

// An exporter that starts later knows the ports' programs, which the kernel tells nobody.
TEST_F(XdpBond, KnowsAPortThatHadItsProgramBeforeTheStart) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectAll("attach", "first_prog");
  Daemon daemon(kRestartPort,
                {"--no-collector.ethtool", "--no-collector.link", "--no-collector.sysctl"});
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.process().Output();
  EXPECT_EQ(Attached(kRestartPort), Attached());
  Release("nct0");
  EXPECT_EQ(
      Scrape(kRestartPort)[Series("netchange_xdp_changes_total",
                                  LabelsOf({"nct0", "detach", "native", "first_prog", "ip"}))],
      1);
  EXPECT_EQ(daemon.process().Stop(SIGTERM), 0) << daemon.process().Output();
  EXPECT_EQ(Execute({"ip", "link", "set", "dev", "ncbond", "xdpdrv", "off"}).status, 0);
  ExpectChange({"nct0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncp0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncbond", "detach", "native", "first_prog", "ip"});
}

TEST_F(Xdp, SaysWhatIsAttachedNow) {
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

  Daemon restarted(kRestartPort,
                   {"--no-collector.ethtool", "--no-collector.link", "--no-collector.sysctl"});
  ASSERT_TRUE(restarted.WaitUntilReady()) << restarted.process().Output();
  EXPECT_EQ(Attached(kRestartPort), first) << "right at its start";
  EXPECT_EQ(restarted.process().Stop(SIGTERM), 0) << restarted.process().Output();

  EXPECT_EQ(Execute({"ip", "link", "set", "nct1", "name", "ncnew"}).status, 0);
  ExpectLink("name", "nct1");
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
  ExpectByKernel({"ncnew", "detach", "generic", "second_prog", "ip"});
}

// The namespace is deleted with a program in it: the kernel's own worker takes it off.
TEST_F(Xdp, FollowsAnotherNamespaceToItsEnd) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncns2"}).status, 0);
  ASSERT_EQ(Execute({"ip", "link", "set", "nct1", "netns", "ncns2"}).status, 0);
  const RunResult run = ExecuteIn("ncns2", {"ip", "link", "set", "dev", "nct1", "xdpdrv", "obj",
                                            kPrograms, "sec", "xdp/first"});
  EXPECT_EQ(run.status, 0) << run.output;
  const auto attached = Attached();
  ASSERT_EQ(attached.size(), 1U);
  EXPECT_TRUE(
      attached[0].starts_with(R"({device="nct1",netns="ncns2",mode="native",program="first_prog")"))
      << attached[0];
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncns2"}).status, 0);
  const Labels labels = {{"device", "nct1"},       {"netns", "ncns2"},
                         {"comm", "ip"},           {"parent_comm", "event_tests"},
                         {"operation", "attach"},  {"mode", "native"},
                         {"program", "first_prog"}};
  Expect("netchange_xdp_changes_total", labels);
  Labels detached = labels;
  detached[2].second = BySystemCalls() ? "unknown" : "kworker";
  detached[3].second = BySystemCalls() ? "unknown" : "kthreadd";
  detached[4].second = "detach";
  Expect("netchange_xdp_changes_total", detached);
  for (const int at : Ports())
    EXPECT_TRUE(Appears(at, Series("netchange_xdp_changes_total", detached)));
  EXPECT_EQ(Attached(), std::vector<std::string>());
}

TEST_F(Xdp, TellsTheKernelsMessageAndThePrograms) {
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
  EXPECT_EQ(run.status, 0) << "line " << run.status;
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
  EXPECT_EQ(events[5]["new_program_tag"], "");
  EXPECT_FALSE(replaced.contains("message")) << "what succeeds has none";
  for (const auto& event : events) EXPECT_LT(event["duration_seconds"], 1.0);
  if (BySystemCalls()) GTEST_SKIP() << "by system calls the kernel's message is not known";
  SKIP_WITHOUT(
      Scrape(
          port())[R"(netchange_probe_attached{collector="xdp",probe="do_trace_netlink_extack"})"],
      "no do_trace_netlink_extack(), so there are no messages");
  for (const std::size_t i : {0, 1}) {
    EXPECT_NE(std::string(events[i].value("message", "")).find("MTU"), std::string::npos)
        << events[i];
  }
  EXPECT_NE(std::string(events[3].value("message", "")).find("can't be active at the same time"),
            std::string::npos)
      << events[3];
}

// The driver is unloaded, which a probe must not prevent, and is observed as soon as it is back.
TEST_F(Xdp, FollowsADriverThatIsUnloadedAndLoaded) {
  if (BySystemCalls()) GTEST_SKIP() << "no driver is looked into";
  SKIP_WITHOUT(std::filesystem::exists("/modules/tun.ko"), "no tun as a module");
  const std::string probe = R"(netchange_probe_attached{collector="xdp",probe="tun:tun_xdp"})";
  EXPECT_TRUE(Scrape(kDriverPort).contains(probe));
  for (int round = 0; round < 2; ++round) {
    const RunResult removed = Execute({"rmmod", "tun"});
    ASSERT_EQ(removed.status, 0) << removed.output;
    EXPECT_TRUE(Appears(kDriverPort, probe, false));
    ASSERT_EQ(Execute({"insmod", "/modules/tun.ko"}).status, 0);
    EXPECT_TRUE(Appears(kDriverPort, probe));
    EXPECT_EQ(Scrape(kDriverPort)[probe], 1);
    ASSERT_EQ(Execute({"ip", "tuntap", "add", "dev", "nctap", "mode", "tap"}).status, 0);
    RunLoader([] {
      const Programs programs;
      MUST(Attach("nctap", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
      return 0;
    });
    EXPECT_EQ(Execute({"ip", "link", "del", "nctap"}).status, 0);
    ExpectChange({"nctap", "attach", "native", "first_prog"});
    ExpectChange({"nctap", "detach", "native", "first_prog", "ip"});
  }
}

TEST_F(Xdp, LosesNothingOfFourThreads) {
  constexpr int kThreads = 4, kRounds = 250;
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_EQ(Execute({"ip", "link", "add", "ncx" + std::to_string(i), "type", "veth", "peer",
                       "name", "ncy" + std::to_string(i)})
                  .status,
              0);
  }
  RunLoader([] {
    const Programs programs;
    std::vector<std::thread> threads;
    std::atomic<int> failed = 0;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, device = "ncx" + std::to_string(i)] {
        for (int round = 0; round < kRounds; ++round) {
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
    ExpectChange({device, "attach", "native", "first_prog"}, kRounds);
    ExpectChange({device, "detach", "native", "first_prog"}, kRounds);
  }
}

TEST_F(Xdp, CountsALinkWhoseProcessWasKilled) {
  const RunResult run = ForkAs("loader", [] {
    const Programs programs;
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
    MUST(bpf_link_create(programs.first(), static_cast<int>(if_nametoindex("nct0")), BPF_XDP,
                         &options) >= 0);
    raise(SIGKILL);
    return 0;
  });
  EXPECT_EQ(run.status, 128 + SIGKILL);
  ExpectChange({"nct0", "attach", "generic", "first_prog"});
  ExpectByKernel({"nct0", "detach", "generic", "first_prog"});
}

TEST_F(Xdp, CountsTheDetachWhenTheDeviceIsDeleted) {
  ASSERT_EQ(
      Execute({"ip", "link", "add", "ncgone0", "type", "veth", "peer", "name", "ncgone1"}).status,
      0);
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncgone0", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "ncgone0"}).status, 0);
  ExpectChange({"ncgone0", "attach", "native", "first_prog"});
  ExpectByKernel({"ncgone0", "detach", "native", "first_prog", "ip"});
}

TEST_F(Xdp, NamesTheNamespaceOfADeviceInAnother) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncns"}).status, 0);
  ASSERT_EQ(ExecuteIn("ncns", {"ip", "link", "add", "nct0", "type", "veth", "peer", "name", "nct1"})
                .status,
            0);
  const RunResult run = ExecuteIn("ncns", {"ip", "link", "set", "dev", "nct0", "xdpdrv", "obj",
                                           kPrograms, "sec", "xdp/second"});
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(ExecuteIn("ncns", {"ip", "link", "set", "dev", "nct0", "xdpdrv", "off"}).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncns"}).status, 0);
  for (const char* operation : {"attach", "detach"}) {
    Expect("netchange_xdp_changes_total", {{"device", "nct0"},
                                           {"netns", "ncns"},
                                           {"comm", "ip"},
                                           {"parent_comm", "event_tests"},
                                           {"operation", operation},
                                           {"mode", "native"},
                                           {"program", "second_prog"}});
  }
}

}  // namespace
}  // namespace netchange::test
