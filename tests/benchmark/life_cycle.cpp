// SPDX-License-Identifier: Apache-2.0
// Measures the exporter's start, end and memory, and the work of the kernel's verifier. Prints
// Markdown tables. Usage: life_cycle EXPORTER [FLAGS], as root; FLAGS are the exporter's.
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "../events/process.h"
#include "../events/scrape.h"
#include "bpf/abi/ethtool.h"
#include "util/fd.h"

namespace netchange::test {
namespace {

constexpr int kPort = 10495, kRounds = 5;
constexpr std::chrono::seconds kPause{10};
constexpr std::uint32_t kEntries = 50'000;  // two series each
constexpr char kLog[] = "/tmp/netchange_benchmark.log";
constexpr char kConfig[] = "/tmp/netchange_benchmark.yml";

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// kB, from /proc/PID/status.
double Megabytes(pid_t pid, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == field + ":" && status >> kilobytes) return kilobytes / 1000;
  }
  return 0;
}

// User and system time of all threads, in seconds.
std::pair<double, double> CpuSeconds(pid_t pid) {
  const std::string stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {user / ticks, system / ticks};
}

int CountOf(pid_t pid, const char* what) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/" + what);
  return static_cast<int>(std::distance(begin(all), end(all)));
}

struct Cycle {
  double start = 0, stop = 0;   // milliseconds
  double user = 0, system = 0;  // seconds, until the first answer
  double anonymous = 0, resident = 0, after_scrape = 0, peak = 0;  // MB
  int threads = 0, descriptors = 0;
};

class Exporter {
 public:
  explicit Exporter(const std::vector<std::string>& command) : child_(command, kLog) {
    while (child_.Running() && Get(kPort, "/metrics").empty())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (child_.Running()) return;
    std::fputs(child_.Output().c_str(), stderr);
    std::exit(1);
  }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  void Stop() { child_.Stop(SIGTERM); }

 private:
  Child child_;
};

Cycle Measure(const std::vector<std::string>& command) {
  Cycle cycle;
  auto from = Clock::now();
  Exporter exporter(command);
  cycle.start = MillisecondsSince(from);
  const pid_t pid = exporter.pid();
  std::tie(cycle.user, cycle.system) = CpuSeconds(pid);
  cycle.anonymous = Megabytes(pid, "RssAnon");
  cycle.resident = Megabytes(pid, "VmRSS");
  cycle.threads = CountOf(pid, "task");
  cycle.descriptors = CountOf(pid, "fd");
  from = Clock::now();
  exporter.Stop();
  cycle.stop = MillisecondsSince(from);
  return cycle;
}

// Adds entries to the exporter's own map.
void FillMap(pid_t pid) {
  for (const std::uint32_t id : BpfIds(pid, "map_id:")) {
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    const Fd map(bpf_map_get_fd_by_id(id));
    if (bpf_obj_get_info_by_fd(map.get(), &info, &size) ||
        !std::string("ethtool_commands").starts_with(info.name) || info.max_entries < kEntries)
      continue;
    for (std::uint32_t i = 0; i < kEntries; ++i) {
      ethtool_key key{};
      const std::string device = "eth" + std::to_string(i);
      device.copy(key.device.name, sizeof(key.device.name) - 1);
      key.command = 1;  // ETHTOOL_GSET
      key.transport = ETHTOOL_TRANSPORT_IOCTL;
      const ethtool_counters value = {{i + 1, i + 1}, {}};
      bpf_map_update_elem(map.get(), &key, &value, BPF_ANY);
    }
    return;
  }
}

void MeasureScrape(std::vector<std::string> command, Cycle& cycle, std::size_t& bytes) {
  std::ofstream(kConfig) << "max_entries: 131072\nseries_expiry: 0\n";
  command.push_back(std::string("--config.file=") + kConfig);
  Exporter exporter(command);
  FillMap(exporter.pid());
  bytes = Get(kPort, "/metrics").size();
  cycle.peak = Megabytes(exporter.pid(), "VmHWM");
  cycle.after_scrape = Megabytes(exporter.pid(), "RssAnon");
  exporter.Stop();
}

void PrintPrograms(const std::vector<std::string>& command) {
  struct Program {
    std::string name;
    std::uint32_t instructions, verified;
  };
  std::vector<Program> programs;
  Exporter exporter(command);
  std::uint64_t sum = 0;
  for (const std::uint32_t id : BpfIds(exporter.pid(), "prog_id:")) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    const Fd program(bpf_prog_get_fd_by_id(id));
    if (bpf_obj_get_info_by_fd(program.get(), &info, &size)) continue;
    programs.push_back({info.name, info.xlated_prog_len / 8, info.verified_insns});
    sum += info.verified_insns;
  }
  exporter.Stop();
  std::sort(programs.begin(), programs.end(),
            [](const Program& a, const Program& b) { return a.verified > b.verified; });
  fmt::print(
      "\n## Work of the verifier\n\n| program | instructions | verified instructions |\n| --- | "
      "---: | ---: |\n");
  for (const Program& program : programs)
    fmt::print("| `{}` | {} | {} |\n", program.name, program.instructions, program.verified);
  fmt::print("| all {} | | {} |\n", programs.size(), sum);
}

// The median, because other activity of the machine adds time.
template <class Field>
Field MedianOf(std::vector<Cycle> cycles, Field Cycle::*field) {
  std::sort(cycles.begin(), cycles.end(),
            [&](const Cycle& a, const Cycle& b) { return a.*field < b.*field; });
  return cycles[cycles.size() / 2].*field;
}

int Run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "Usage: %s EXPORTER [FLAGS]\n", argv[0]);
    return 2;
  }
  std::vector<std::string> command = {argv[1],
                                      "--web.listen-address=127.0.0.1:" + std::to_string(kPort)};
  command.insert(command.end(), argv + 2, argv + argc);
  std::vector<Cycle> cycles;
  for (int round = 0; round < kRounds; ++round) {
    // The kernel still detaches the programs of the exporter before, and a start waits for that.
    std::this_thread::sleep_for(kPause);
    cycles.push_back(Measure(command));
  }
  const auto row = [&](const char* name, const std::string& unit, auto field) {
    fmt::print("| {} | {:.3g} {} |\n", name, static_cast<double>(MedianOf(cycles, field)), unit);
  };
  fmt::print(
      "## Start, end and memory\n\nEach start is {} s after the end of the exporter before.\n\n| | "
      "median of {} |\n| --- | ---: |\n",
      kPause.count(), kRounds);
  row("start to first answered scrape", "ms", &Cycle::start);
  row("… CPU time in user space", "s", &Cycle::user);
  row("… CPU time in the kernel", "s", &Cycle::system);
  row("SIGTERM to end", "ms", &Cycle::stop);
  row("anonymous memory after start (`RssAnon`)", "MB", &Cycle::anonymous);
  row("resident memory after start (`VmRSS`)", "MB", &Cycle::resident);
  row("threads", "", &Cycle::threads);
  row("file descriptors", "", &Cycle::descriptors);
  Cycle large;
  std::size_t bytes = 0;
  MeasureScrape(command, large, bytes);
  fmt::print("| largest resident memory in a scrape of {} series, {:.1f} MB | {:.3g} MB |\n",
             2 * kEntries, static_cast<double>(bytes) / 1e6, large.peak);
  fmt::print("| anonymous memory after that scrape | {:.3g} MB |\n", large.after_scrape);
  PrintPrograms(command);
  return 0;
}

}  // namespace
}  // namespace netchange::test

int main(int argc, char** argv) { return netchange::test::Run(argc, argv); }
