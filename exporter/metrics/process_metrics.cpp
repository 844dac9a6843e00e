// SPDX-License-Identifier: Apache-2.0
#include "metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

#include "util/directory.h"

namespace netchange {
namespace {

// Fields of /proc/self/stat after the name, numbered as in proc(5); the first has index 3.
std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(text.substr(name_end + 1));
  std::vector<std::string> fields(3);
  fields.insert(fields.end(), std::istream_iterator<std::string>(rest), {});
  return fields;
}

// Unix time of boot, in whole seconds as the kernel's `btime`. Process start times count from it.
double BootTime() {
  timespec now{}, since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  clock_gettime(CLOCK_REALTIME, &now);
  const auto seconds = now.tv_sec - since_boot.tv_sec;
  return static_cast<double>(now.tv_nsec < since_boot.tv_nsec ? seconds - 1 : seconds);
}

void AddCpuAndMemory(FamilySet& out) {
  constexpr std::size_t kUserTicks = 14, kSystemTicks = 15, kStartTicks = 22, kVirtualBytes = 23,
                        kResidentPages = 24;
  const auto fields = StatFields();
  if (fields.size() <= kResidentPages) return;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto number = [&](std::size_t i) { return std::stod(fields[i]); };
  out.AddCounter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                 {}, (number(kUserTicks) + number(kSystemTicks)) / ticks);
  out.AddGauge("process_start_time_seconds",
               "Start time of the process since unix epoch in seconds.", {},
               BootTime() + number(kStartTicks) / ticks);
  out.AddGauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", {},
               number(kVirtualBytes));
  out.AddGauge("process_resident_memory_bytes", "Resident memory size in bytes.", {},
               number(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

void AddFileDescriptors(FamilySet& out) {
  if (const Directory open(opendir("/proc/self/fd")); open) {
    int entries = 0;
    while (readdir(open.get())) ++entries;
    constexpr int kOthers = 3;  // ".", "..", and the descriptor that lists the directory
    out.AddGauge("process_open_fds", "Number of open file descriptors.", {}, entries - kOthers);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    out.AddGauge("process_max_fds", "Maximum number of open file descriptors.", {},
                 static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

void AddProcessMetrics(FamilySet& out) {
  AddCpuAndMemory(out);
  AddFileDescriptors(out);
}

}  // namespace netchange
