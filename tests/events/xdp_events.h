// SPDX-License-Identifier: Apache-2.0
// What the tests of XDP have in common.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "event_test.h"
#include "programs.skel.h"

namespace netchange::test {

inline const std::string kPrograms = BesideTheTests("programs.bpf.o");

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
inline int Attach(const std::string& device, int program, std::uint32_t flags, int expected = 0) {
  LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = expected);
  return -bpf_xdp_attach(static_cast<int>(if_nametoindex(device.c_str())), program, flags,
                         expected ? &options : nullptr);
}

// A link on a device; -errno if there is none.
inline int CreateLink(const std::string& device, int program, std::uint32_t flags) {
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
  return bpf_link_create(program, static_cast<int>(if_nametoindex(device.c_str())), BPF_XDP,
                         &options);
}

inline constexpr int kDriverPort = 10419;   // of an exporter that looks into drivers instead
inline constexpr int kRestartPort = 10420;  // of one that starts when something is attached

// Waits for a series, at most a minute.
inline bool Appears(int port, const std::string& series, bool there = true) {
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
    std::ofstream("/tmp/drivers.yml")
        << "skip_functions: [dev_xdp_install]\n"
           "collectors: {ethtool: false, irq: false, queues: false, sysctl: false}\n";
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

  // By system calls the exporter compares what is attached at most once a second.
  static constexpr std::chrono::milliseconds kApart{1001};

  // What passed no system call is found when two scrapes, a second apart, find the same.
  void TearDown() override {
    for (int scrape = 0; BySystemCalls() && scrape < 2; ++scrape) {
      std::this_thread::sleep_for(kApart);
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

}  // namespace netchange::test
