// SPDX-License-Identifier: Apache-2.0
// Shared by the tests of XDP.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "event_test.h"
#include "programs.skel.h"

namespace netchange::test {

inline const std::string kPrograms = BesideTheTests("programs.bpf.o");

// Loads two XDP programs in the calling process.
class Programs {
 public:
  Programs() : skeleton_(programs_bpf__open()) {
    bpf_program__set_type(skeleton_->progs.first_prog,
                          BPF_PROG_TYPE_XDP);  // the section name does not determine it
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

// Attaches by netlink. Returns 0 or the errno.
inline int Attach(const std::string& device, int program, std::uint32_t flags, int expected = 0) {
  LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = expected);
  return -bpf_xdp_attach(static_cast<int>(if_nametoindex(device.c_str())), program, flags,
                         expected ? &options : nullptr);
}

// Creates a link on a device. Returns -errno on failure.
inline int CreateLink(const std::string& device, int program, std::uint32_t flags) {
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
  return bpf_link_create(program, static_cast<int>(if_nametoindex(device.c_str())), BPF_XDP,
                         &options);
}

inline constexpr int kDriverPort = 10421;   // an exporter that hooks drivers' functions instead
inline constexpr int kRestartPort = 10420;  // an exporter that starts after programs are attached

// The syscall backend compares the attached programs at most once a second.
inline constexpr std::chrono::milliseconds kApart{1001};

// Every test has two exporters: one traces dev_xdp_install(), the other acts as on a kernel without
// that function. Both must count the same. With the syscall backend they would not differ.
class Xdp : public EventTest {
 protected:
  static void SetUpTestSuite() {
    static bool started = false;
    if (BySystemCalls() || std::exchange(started, true)) return;
    const std::string config = WithConfig("skip_functions: [dev_xdp_install]\n");
    ASSERT_NO_FATAL_FAILURE(StartForAll(kDriverPort, Only({"link", "xdp"}, {config})));
    ASSERT_EQ(Scrape(kDriverPort)[R"(netchange_collector_up{collector="xdp"})"], 1);
  }
  [[nodiscard]] std::vector<int> Ports() const override {
    return BySystemCalls() ? std::vector{port()} : std::vector{port(), kDriverPort};
  }

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
  // The kernel detaches when a link is closed or a device is deleted. No system call says who did
  // it.
  void ExpectByKernel(What w, double times = 1, std::string parent = "event_tests") {
    by_kernel_ = true;
    if (BySystemCalls()) w.comm = parent = "unknown";
    Labels labels = LabelsOf(w);
    labels[2].second = parent;
    Expect("netchange_xdp_changes_total", labels, times);
  }
  static bool BySystemCalls() { return BackendOf("xdp") == "syscall"; }
  void ExpectError(const What& w, const std::string& error) {
    Expect("netchange_xdp_change_errors_total", LabelsOf(w, error));
  }

  // Runs `work` in a process "loader"; `work` returns 0 for success.
  static void RunLoader(const std::function<int()>& work) {
    const RunResult run = ForkAs("loader", work);
    EXPECT_EQ(run.status, 0) << run.output;
  }

  // Labels of the attached programs, of the exporter at this port, or of all exporters.
  static std::vector<std::string> Attached(int at = 0) {
    std::vector<std::string> found;
    for (const auto& [series, value] : Scrape(at ? at : port())) {
      if (!series.starts_with("netchange_xdp_attached_info")) continue;
      EXPECT_EQ(value, 1) << series;
      found.push_back(series.substr(series.find('{')));
    }
    if (!at && !BySystemCalls()) {
      EXPECT_EQ(found, Attached(kDriverPort));
    }
    return found;
  }

  // The syscall backend finds a change by the kernel when two scrapes, a second apart, agree.
  void TearDown() override {
    Page page;
    if (by_kernel_ && BySystemCalls())
      Eventually(port(), page, [this](const Page& p) { return Reached(p); });
    EventTest::TearDown();
  }

  bool by_kernel_ = false;
  VethPair pair_{"nct0", "nct1"};
};

}  // namespace netchange::test
