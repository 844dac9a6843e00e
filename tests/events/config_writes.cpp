// SPDX-License-Identifier: Apache-2.0
#include "config_writes.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <thread>

namespace netchange::test {
namespace {

std::string KindOf(const std::string& setting) {
  if (setting.starts_with("net.")) return "sysctl";
  if (setting.starts_with("rps_")) return "rps";
  if (setting.starts_with("xps_")) return "xps";
  return setting.ends_with("smp_affinity") ? "irq_affinity" : "link";
}

// Drops CAP_NET_ADMIN only, so that root's files can still be opened. Returns 0 or the errno.
int DropNetAdmin() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data)) return errno;
  data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective &= ~CAP_TO_MASK(CAP_NET_ADMIN);
  return syscall(SYS_capset, &header, data) ? errno : 0;
}

}  // namespace

Labels ConfigWriteTest::LabelsOf(const Setting& s, const std::string& error) {
  return {{"device", s.device},
          {"netns", s.netns},
          {"comm", s.comm},
          {"parent_comm", "event_tests"},
          {"kind", KindOf(s.setting)},
          {"setting", s.setting},
          {"queue", s.queue},
          {"irq", s.irq},
          {"errno", error}};
}

void ConfigWriteTest::ExpectWrites(const Setting& s, double writes, double changes) {
  Expect("netchange_config_writes_total", LabelsOf(s), writes);
  if (changes) Expect("netchange_config_changes_total", LabelsOf(s), changes);
}

void ConfigWriteTest::ExpectRefused(const Setting& s, int error, double times) {
  Expect("netchange_config_writes_total", LabelsOf(s), times);
  Expect("netchange_config_write_errors_total", LabelsOf(s, strerrorname_np(error)), times);
}

std::optional<double> ConfigWriteTest::ValueOf(const Setting& s) {
  const Page page = Scrape(port());
  const auto found = page.find(Series("netchange_config_value", {{"kind", KindOf(s.setting)},
                                                                 {"setting", s.setting},
                                                                 {"device", s.device},
                                                                 {"netns", s.netns},
                                                                 {"queue", s.queue},
                                                                 {"irq", s.irq}}));
  if (found == page.end()) return std::nullopt;
  return found->second;
}

int WriteAsWriter(const std::string& path, const std::string& text) {
  return ForkAs("writer", [&] { return WriteFile(path, text); }).status;
}

int WriteWithoutNetAdmin(const std::string& path, const std::string& text) {
  const auto write = [&] {
    const int error = DropNetAdmin();
    return error ? error : WriteFile(path, text);
  };
  return ForkAs("writer", write).status;
}

}  // namespace netchange::test
