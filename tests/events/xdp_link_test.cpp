// SPDX-License-Identifier: Apache-2.0
// Programs that a BPF link attaches.
#include <cerrno>
#include <csignal>

#include "xdp_events.h"

namespace netchange::test {
namespace {

TEST_F(Xdp, CountsTheLifeOfALink) {
  RunLoader([] {
    const Programs programs;
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
    const int link = bpf_link_create(programs.first(), static_cast<int>(if_nametoindex("nct0")),
                                     BPF_XDP, &options);
    MUST(link >= 0);
    MUST(bpf_link_update(link, programs.first(), nullptr) == 0);  // the same program: not a change
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

TEST_F(Xdp, CountsAnUpdateOfALinkWhoseDeviceWasDeleted) {
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
  ExpectByKernel({"ncgone0", "device_deleted", "generic", "first_prog", "ip"}, 1, "loader");
  Expect("netchange_xdp_change_errors_total", {{"netns", "unknown"},
                                               {"comm", "loader"},
                                               {"parent_comm", "event_tests"},
                                               {"operation", "replace"},
                                               {"mode", "generic"},
                                               {"program", "second_prog"},
                                               {"errno", "ENOLINK"}});
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

}  // namespace
}  // namespace netchange::test
