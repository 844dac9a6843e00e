// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

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

class Xdp : public EventTest {
 protected:
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
  void ExpectError(const What& w, const std::string& error) {
    Expect("netchange_xdp_change_errors_total", LabelsOf(w, error));
  }

  // In a process of its own; what it returns is 0 if all was as it should be, else the line of the
  // first that was not.
  static void RunLoader(const std::function<int()>& work) {
    const RunResult run = ForkAs("loader", work);
    EXPECT_EQ(run.status, 0) << "line " << run.status << ": " << run.output;
  }

  VethPair pair_{"nct0", "nct1"};
};

#define MUST(condition) \
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
  ASSERT_EQ(Execute({"ip", "link", "add", "ncdummy", "type", "dummy"}).status, 0);
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
  for (const char* family : {"netchange_config_writes_total", "netchange_config_changes_total"}) {
    Expect(family, {{"device", "nct1"},
                    {"comm", "ip"},
                    {"parent_comm", "event_tests"},
                    {"kind", "link"},
                    {"setting", "mtu"}});
  }
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
  ExpectChange({"nct0", "detach", "native", "second_prog"});
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
  ExpectChange({"nct0", "detach", "generic", "first_prog"});
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
  ExpectChange({"ncgone0", "detach", "native", "first_prog", "ip"});
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
