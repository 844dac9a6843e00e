// SPDX-License-Identifier: Apache-2.0
// Measures scrapes over HTTP, in turns: of the exporter, whose map is filled from here, and of
// prometheus::Exposer, which has the same families ready. Prints a section in Markdown.
// Usage: scrape_http EXPORTER, as root
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <netinet/in.h>
#include <prometheus/exposer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../events/process.h"
#include "../events/scrape.h"
#include "../unit/page_parser.h"
#include "ethtool_entries.h"
#include "kernel/netns_names.h"
#include "util/fd.h"

namespace netchange::test {
namespace {

constexpr int kPort = 10497, kExposerPort = 10496;
constexpr std::size_t kSeries[] = {1'000, 10'000, 100'000};
constexpr char kConfig[] = "/tmp/netchange_benchmark.yml", kLog[] = "/tmp/netchange_benchmark.log";

struct Answer {
  double milliseconds = 0;
  std::size_t bytes = 0;
};

// Reads the answer as it comes, as cheaply as possible.
Answer Scrape(int port) {
  static char buffer[1 << 20];
  const auto start = std::chrono::steady_clock::now();
  const Fd connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr std::string_view kRequest =
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  Answer answer;
  if (connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) ||
      write(connection.get(), kRequest.data(), kRequest.size()) < 0)
    return answer;
  for (ssize_t size; (size = read(connection.get(), buffer, sizeof(buffer))) > 0;)
    answer.bytes += size;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  answer.milliseconds = took.count();
  return answer;
}

// A line of a file of /proc that begins with `name`, as a number; 0 if there is none.
std::uint64_t ProcNumber(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::uint64_t number = 0;
    if (word == name && file >> number) return number;
  }
  return 0;
}

std::string Proc(const Child& child, const char* file) {
  return "/proc/" + std::to_string(child.pid()) + "/" + file;
}

// The map of this name that the exporter has open.
Fd MapOf(const Child& exporter, const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator(Proc(exporter, "fdinfo"))) {
    const auto id = static_cast<__u32>(ProcNumber(entry.path().string(), "map_id:"));
    Fd map(id ? bpf_map_get_fd_by_id(id) : -1);
    bpf_map_info info{};
    __u32 size = sizeof(info);
    if (map && !bpf_obj_get_info_by_fd(map.get(), &info, &size) &&
        name.substr(0, sizeof(info.name) - 1) == info.name)
      return map;
  }
  return Fd();
}

// Has the families ready, and gives a copy to each scrape.
class Ready : public prometheus::Collectable {
 public:
  explicit Ready(std::vector<prometheus::MetricFamily> families) : families_(std::move(families)) {}
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override { return families_; }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

struct Memory {  // kB
  std::uint64_t before, peak, after;
};

// Resident memory of the exporter: before a scrape, at its peak, and after it.
Memory MemoryOfAScrape(const Child& exporter) {
  Memory memory{};
  memory.before = ProcNumber(Proc(exporter, "status"), "VmRSS:");
  std::ofstream(Proc(exporter, "clear_refs")) << 5;  // the peak begins now
  Scrape(kPort);
  memory.peak = ProcNumber(Proc(exporter, "status"), "VmHWM:");
  memory.after = ProcNumber(Proc(exporter, "status"), "VmRSS:");
  return memory;
}

bool WaitUntilReady(Child& exporter) {
  while (exporter.Running() && Get(kPort, "/-/ready").empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (!exporter.Running()) std::fprintf(stderr, "%s", exporter.Output().c_str());
  return exporter.Running();
}

bool MeasureWith(const char* program, std::size_t series) {
  const auto entries = EthtoolEntries(series / 2, NetnsNames::InitialNetns());
  // The devices do not exist, so their series would expire.
  std::ofstream(kConfig) << "max_entries: " << std::max<std::size_t>(16384, 2 * entries.size())
                         << "\nseries_expiry: 0\n";
  Child exporter({program, "--web.listen-address=127.0.0.1:" + std::to_string(kPort),
                  "--backend=syscall", std::string("--config.file=") + kConfig},
                 kLog);
  if (!WaitUntilReady(exporter)) return false;
  const Fd map = MapOf(exporter, "ethtool_commands");
  for (const auto& [key, value] : entries) {
    if (bpf_map_update_elem(map.get(), &key, &value, BPF_ANY)) {
      std::perror("fill the exporter's map");
      return false;
    }
  }
  const auto families = ParsePage(Get(kPort, "/metrics"));
  const auto ready = std::make_shared<Ready>(families);
  prometheus::Exposer exposer("127.0.0.1:" + std::to_string(kExposerPort));
  exposer.RegisterCollectable(ready);
  Answer ours{std::numeric_limits<double>::max(), 0}, theirs = ours;
  const auto faster = [](const Answer& a, const Answer& b) {
    return a.milliseconds < b.milliseconds ? a : b;
  };
  const std::size_t rounds = std::clamp<std::size_t>(500'000 / series, 10, 100);
  for (std::size_t round = 0; round < rounds; ++round) {
    ours = faster(Scrape(kPort), ours);
    theirs = faster(Scrape(kExposerPort), theirs);
  }
  const Memory memory = MemoryOfAScrape(exporter);
  std::size_t lines = 0;
  for (const auto& family : families) lines += family.metric.size();
  std::printf("| %zu | %.1f MB | %.1f ms | %.1f ms | %.1f | %.1f MB | %.1f MB | %.1f MB |\n", lines,
              static_cast<double>(ours.bytes) / 1e6, ours.milliseconds, theirs.milliseconds,
              theirs.milliseconds / ours.milliseconds, static_cast<double>(memory.before) / 1e3,
              static_cast<double>(memory.peak) / 1e3, static_cast<double>(memory.after) / 1e3);
  std::fflush(stdout);
  exporter.Stop(SIGTERM);
  return true;
}

int Run(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "Usage: %s EXPORTER\n", argv[0]);
    return 2;
  }
  std::printf(
      "## Scrapes over HTTP\n\nOn loopback, in turns. prometheus::Exposer serves the same "
      "families, "
      "which it has ready: it reads no map. Resident memory is that of the exporter, with all "
      "collectors, of one scrape after the others.\n\n"
      "| series | page | exporter | prometheus::Exposer | Exposer / exporter | resident before | "
      "at the peak | "
      "after |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  std::fflush(stdout);
  for (const std::size_t series : kSeries) {
    if (!MeasureWith(argv[1], series)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace netchange::test

int main(int argc, char** argv) { return netchange::test::Run(argc, argv); }
