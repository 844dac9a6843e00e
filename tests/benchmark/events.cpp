// SPDX-License-Identifier: Apache-2.0
// Measures what an event costs the process that makes it, in a guest whose kernel allows tracing of
// functions: without programs, with the exporter, and with a bpftrace program that records and
// prints the same facts. Also the exporter's start and end there. Prints a section in Markdown.
// Usage: events EXPORTER; in the guest, events --in-guest.
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../events/process.h"
#include "../events/scrape.h"

namespace netchange::test {
namespace {

constexpr int kPort = 10498, kCalls = 10, kRounds = 100;
const std::string kFiles = "/opt/netchange/";  // of the guest
constexpr char kBegin[] = "## Events\n", kEnd[] = "(end)";

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Event {
  const char* name;
  std::function<void()> make;
};

ifreq RequestFor(const char* device) {
  ifreq request{};
  std::strcpy(request.ifr_name, device);
  return request;
}

std::vector<Event> Events() {
  static const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  static const int sysctl = open("/proc/sys/net/ipv4/conf/lo/log_martians", O_WRONLY | O_CLOEXEC);
  static bool odd = false;
  return {{"ethtool command (ETHTOOL_GDRVINFO by ioctl)",
           [] {
             ethtool_drvinfo info{};
             info.cmd = ETHTOOL_GDRVINFO;
             ifreq request = RequestFor("eth0");
             request.ifr_data = reinterpret_cast<char*>(&info);
             if (ioctl(socket, SIOCETHTOOL, &request)) std::perror("ETHTOOL_GDRVINFO");
           }},
          {"MTU of a link, changed by ioctl",
           [] {
             ifreq request = RequestFor("lo");
             request.ifr_mtu = (odd = !odd) ? 65535 : 65536;
             if (ioctl(socket, SIOCSIFMTU, &request)) std::perror("SIOCSIFMTU");
           }},
          {"sysctl, changed", [] {
             if (pwrite(sysctl, (odd = !odd) ? "1\n" : "0\n", 2, 0) != 2) std::perror("sysctl");
           }}};
}

// Microseconds for each event: the fastest of several rounds, because other activity of the machine
// only adds time. Pauses, so that nobody loses events because they come too fast.
std::vector<double> Measure(const std::vector<Event>& events) {
  std::vector<double> best(events.size(), std::numeric_limits<double>::max());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto start = Clock::now();
      for (int call = 0; call < kCalls; ++call) events[i].make();
      best[i] = std::min(best[i], MillisecondsSince(start) * 1000 / kCalls);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  return best;
}

// A program that is attached when `ready` is true; null if it ended before.
std::unique_ptr<Child> Start(const std::vector<std::string>& command, const std::string& output,
                             const std::function<bool()>& ready) {
  auto child = std::make_unique<Child>(command, output);
  while (child->Running() && !ready()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  if (child->Running()) return child;
  std::fprintf(stderr, "%s: %s\n", command[0].c_str(), child->Output().c_str());
  return nullptr;
}

std::string LostEvents() {
  const std::string name = "\nnetchange_lost_events_total ", page = Get(kPort, "/metrics");
  const auto at = page.find(name);
  if (at == std::string::npos) return "?";
  const auto begin = at + name.size();
  return page.substr(begin, page.find('\n', begin) - begin);
}

int InGuest() {
  const auto events = Events();
  const auto bare = Measure(events);
  const auto begin = Clock::now();
  auto exporter = Start(
      {kFiles + "netchange_exporter", "--web.listen-address=127.0.0.1:" + std::to_string(kPort)},
      "/tmp/exporter", [] { return !Get(kPort, "/metrics").empty(); });
  if (!exporter) return 1;
  const double start = MillisecondsSince(begin);
  const auto with = Measure(events);
  const std::string lost = LostEvents();
  const auto signal = Clock::now();
  exporter->Stop(SIGTERM);
  const double end = MillisecondsSince(signal);
  auto bpftrace = Start(
      {"env", "BPFTRACE_PERF_RB_PAGES=1024", kFiles + "bpftrace", "-B", "line",
       kFiles + "events.bt"},
      "/tmp/bpftrace", [] { return ReadFile("/tmp/bpftrace").find("ready") != std::string::npos; });
  if (!bpftrace) return 1;
  const auto other = Measure(events);
  bpftrace->Stop(SIGINT);
  if (ReadFile("/tmp/bpftrace").find("Lost ") != std::string::npos)
    std::fputs("bpftrace lost events: its figures are too low\n", stderr);
  utsname kernel{};
  uname(&kernel);
  std::printf(
      "%s\nIn an emulated guest with Linux %s and 2 CPUs, so all times are long: compare the "
      "ratios. Microseconds for each event in the process that makes it. bpftrace records and "
      "prints the same facts, but at most three components of the path of the executable, and none "
      "for a sysctl (tests/benchmark/events.bt). Events that the exporter lost: %s. Its start to "
      "the first answered scrape took %.1f s, and its end %.2f s.\n\n"
      "| event | bare | exporter | bpftrace | added by the exporter / by bpftrace |\n"
      "| --- | ---: | ---: | ---: | ---: |\n",
      kBegin, kernel.release, lost.c_str(), start / 1000, end / 1000);
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::printf("| %s | %.0f | %.0f | %.0f | %.2f |\n", events[i].name, bare[i], with[i], other[i],
                (with[i] - bare[i]) / (other[i] - bare[i]));
  }
  std::puts(kEnd);
  return 0;
}

// Prints what the program prints in the guest.
int RunGuest(const std::string& exporter) {
  const std::string here = std::filesystem::read_symlink("/proc/self/exe");
  const std::string results = here + ".guest";
  const RunResult bpftrace = Execute({"sh", "-c", "command -v bpftrace"});
  const std::string tracer = bpftrace.output.substr(0, bpftrace.output.find('\n'));
  const RunResult run =
      Execute({SOURCE_DIR "/tests/guest/run_guest", "--suite", "bookworm", "--memory", "4096",
               "--timeout", "900", "--daemon", exporter, "--extra", here, "--extra", tracer,
               "--extra", SOURCE_DIR "/tests/benchmark/events.bt", "--results", results,
               "--command", kFiles + "events --in-guest"});
  const auto begin = run.output.find(kBegin);
  if (run.status || begin == std::string::npos) {
    std::fprintf(stderr, "%s\n", run.output.c_str());
    return 1;
  }
  std::string section = run.output.substr(begin, run.output.find(kEnd, begin) - begin);
  std::erase(section, '\r');  // of the guest's console
  std::fputs(section.c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace netchange::test

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "Usage: %s EXPORTER\n", argv[0]);
    return 2;
  }
  return std::strcmp(argv[1], "--in-guest") ? netchange::test::RunGuest(argv[1])
                                            : netchange::test::InGuest();
}
