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

using std::chrono::milliseconds;

// Where its output goes; what an earlier one left there is no sign that this one is ready.
std::string FreshFile(const std::string& path) {
  std::remove(path.c_str());
  return path;
}

Labels LabelsOf(const std::string& device, const std::string& netns, const std::string& comm,
                const std::string& kind, const std::string& setting, const std::string& queue,
                const std::string& irq, const std::string& error) {
  return {
      {"device", device}, {"netns", netns},     {"comm", comm},   {"parent_comm", "event_tests"},
      {"kind", kind},     {"setting", setting}, {"queue", queue}, {"irq", irq},
      {"errno", error}};
}

// 0 or the errno. The other capabilities stay: a file of root's can still be opened.
int DropNetAdmin() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data)) return errno;
  data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective &= ~CAP_TO_MASK(CAP_NET_ADMIN);
  return syscall(SYS_capset, &header, data) ? errno : 0;
}

}  // namespace

Watcher::Watcher(const std::string& collector, const std::function<void()>& poke)
    : child_(Only(collector, {DaemonPath(), "watch", "--output=json", "--backend=" + Backend()}),
             FreshFile("/tmp/watch." + collector)) {
  for (int i = 0; i < 600 && child_.Output().find('{') == std::string::npos; ++i) {
    poke();
    std::this_thread::sleep_for(milliseconds(100));
  }
}

std::vector<nlohmann::json> Watcher::EventsOf(pid_t pid, std::size_t count) {
  std::vector<nlohmann::json> events;
  for (int i = 0; i < 100 && events.size() < count; ++i) {
    events.clear();
    std::istringstream lines(child_.Output());
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line[0] != '{') continue;
      auto event = nlohmann::json::parse(line, nullptr, false);
      if (!event.is_discarded() && event["pid"] == pid) events.push_back(std::move(event));
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
  return events;
}

void ConfigWriteTest::ExpectWrites(const Setting& s, double writes, double changes) {
  const Labels labels = LabelsOf(s.device, s.netns, s.comm, s.kind, s.setting, s.queue, s.irq, "");
  Expect("netchange_config_writes_total", labels, writes);
  if (changes) Expect("netchange_config_changes_total", labels, changes);
}

void ConfigWriteTest::ExpectRefused(const Setting& s, int error, double times) {
  const auto labels = [&](const std::string& name) {
    return LabelsOf(s.device, s.netns, s.comm, s.kind, s.setting, s.queue, s.irq, name);
  };
  Expect("netchange_config_writes_total", labels(""), times);
  Expect("netchange_config_write_errors_total", labels(strerrorname_np(error)), times);
}

std::vector<double> ConfigWriteTest::ValuesOf(const Setting& s) {
  const Page page = Scrape(port());
  const auto found = page.find(Series("netchange_config_value", {{"kind", s.kind},
                                                                 {"setting", s.setting},
                                                                 {"device", s.device},
                                                                 {"netns", s.netns},
                                                                 {"queue", s.queue},
                                                                 {"irq", s.irq}}));
  if (found == page.end()) return {};
  return {found->second};
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
