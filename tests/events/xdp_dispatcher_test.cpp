// SPDX-License-Identifier: Apache-2.0
// Programs that are linked into a dispatcher, as libxdp does it.
#include <algorithm>

#include "dispatcher.skel.h"
#include "linked.skel.h"
#include "xdp_events.h"

namespace netchange::test {
namespace {

// A dispatcher and two programs for its functions, loaded in the calling process.
class Dispatcher {
 public:
  Dispatcher() : dispatcher_(dispatcher_bpf__open_and_load()), linked_(linked_bpf__open()) {
    if (!dispatcher_ || !linked_) return;
    bpf_program__set_attach_target(linked_->progs.xdp_filter, fd(), "prog0");
    bpf_program__set_attach_target(linked_->progs.xdp_count, fd(), "prog1");
    loaded_ = linked_bpf__load(linked_) == 0;
  }
  ~Dispatcher() {
    linked_bpf__destroy(linked_);
    dispatcher_bpf__destroy(dispatcher_);
  }
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  [[nodiscard]] int fd() const { return bpf_program__fd(dispatcher_->progs.xdp_dispatcher); }
  [[nodiscard]] bool loaded() const { return loaded_; }
  // Links that end with the process.
  [[nodiscard]] bool Link() {
    link_ = bpf_program__attach_freplace(linked_->progs.xdp_filter, fd(), "prog0");
    return link_ && bpf_program__attach_freplace(linked_->progs.xdp_count, fd(), "prog1");
  }
  [[nodiscard]] bool KernelTellsTheTarget() const {
    bpf_link_info info{};
    std::uint32_t size = sizeof(info);
    return !bpf_obj_get_info_by_fd(bpf_link__fd(link_), &info, &size) && info.tracing.target_obj_id;
  }

 private:
  dispatcher_bpf* dispatcher_;
  linked_bpf* linked_;
  bpf_link* link_ = nullptr;
  bool loaded_ = false;
};

// "device mode program dispatcher" of each attached program, sorted.
std::vector<std::string> Named(const std::vector<std::string>& attached) {
  std::vector<std::string> names;
  for (const std::string& series : attached) {
    std::string name;
    for (const char* label : {"device", "mode", "program", "dispatcher"}) {
      const std::string start = std::string(label) + "=\"";
      const auto at = series.find(start);
      if (at == series.npos) continue;
      const auto from = at + start.size();
      name += (name.empty() ? "" : " ") + series.substr(from, series.find('"', from) - from);
    }
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

constexpr int kCannotLink = 1, kNoTarget = 2;

TEST_F(Xdp, ShowsTheProgramsThatADispatcherCalls) {
  const int cannot = ForkAs("loader", [] {
                       Dispatcher dispatcher;
                       if (!dispatcher.loaded() || !dispatcher.Link()) return kCannotLink;
                       return dispatcher.KernelTellsTheTarget() ? 0 : kNoTarget;
                     }).status;
  if (cannot == kNoTarget) GTEST_SKIP() << "the kernel does not tell the target of a link";
  SKIP_WITHOUT(cannot == 0, "no right to link programs (freplace)");
  RunLoader([] {
    Dispatcher dispatcher;
    MUST(dispatcher.Link());
    for (const char* device : {"nct0", "nct1"})
      MUST(Attach(device, dispatcher.fd(), XDP_FLAGS_SKB_MODE) == 0);
    const auto names = Named(Attached());
    const std::vector<std::string> expected = {"nct0 generic xdp_count xdp_dispatcher",
                                               "nct0 generic xdp_dispatcher",
                                               "nct0 generic xdp_filter xdp_dispatcher",
                                               "nct1 generic xdp_count xdp_dispatcher",
                                               "nct1 generic xdp_dispatcher",
                                               "nct1 generic xdp_filter xdp_dispatcher"};
    MUST(names == expected);
    return 0;
  });
  EXPECT_EQ(Named(Attached()), (std::vector<std::string>{"nct0 generic xdp_dispatcher",
                                                         "nct1 generic xdp_dispatcher"}))
      << "the links ended with their process";
  for (const char* device : {"nct0", "nct1"}) {
    EXPECT_EQ(Execute({"ip", "link", "set", "dev", device, "xdpgeneric", "off"}).status, 0);
    ExpectChange({device, "attach", "generic", "xdp_dispatcher"});
    ExpectChange({device, "detach", "generic", "xdp_dispatcher", "ip"});
  }
}

}  // namespace
}  // namespace netchange::test
