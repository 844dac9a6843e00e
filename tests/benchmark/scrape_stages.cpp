// SPDX-License-Identifier: Apache-2.0
// Measures a scrape by stage, in this process: reading a BPF map into rows, sorting them, writing
// the page. Compares it with reading the map and writing the same text from labels that are ready.
// Prints a section in Markdown. Run as root.
#include <bpf/bpf.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "collectors/ethtool.h"
#include "ethtool_entries.h"
#include "kernel/clock.h"
#include "kernel/irq_devices.h"
#include "kernel/netns_names.h"
#include "metrics/metrics_page.h"
#include "util/fd.h"

namespace netchange::test {
namespace {

constexpr std::size_t kSeries[] = {1'000, 10'000, 100'000};
constexpr std::size_t kSeriesOfAnEntry = 2;

// The fastest of several rounds, because other activity of the machine only adds time.
struct Stopwatch {
  double best = std::numeric_limits<double>::max();  // milliseconds

  void Measure(const std::function<void()>& stage) {
    const auto start = std::chrono::steady_clock::now();
    stage();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
};

Fd FilledMap(const Entries<ethtool_key, ethtool_counters>& entries) {
  Fd map(bpf_map_create(BPF_MAP_TYPE_HASH, "benchmark", sizeof(ethtool_key),
                        sizeof(ethtool_counters), static_cast<__u32>(entries.size()), nullptr));
  for (const auto& [key, value] : entries) {
    if (bpf_map_update_elem(map.get(), &key, &value, BPF_ANY)) {
      std::perror("fill a BPF map (run as root)");
      std::exit(1);
    }
  }
  return map;
}

// One line of the page, without the number.
struct ReadyLine {
  std::string text;
  std::string number;
};

std::vector<ReadyLine> LinesOf(const std::string& page) {
  std::vector<ReadyLine> lines;
  for (std::size_t begin = 0, end; (end = page.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string line = page.substr(begin, end - begin);
    const auto space = line.rfind(' ');
    if (line.front() == '#')
      lines.push_back({line, ""});
    else
      lines.push_back({line.substr(0, space), line.substr(space + 1)});
  }
  return lines;
}

// Writes ready lines in pieces of 64 KiB, numbers by to_chars.
std::size_t WriteReady(const std::vector<ReadyLine>& lines, const std::vector<double>& numbers) {
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  std::string piece;
  piece.reserve(kPiece + 4096);
  std::size_t total = 0;
  char digits[32];
  for (std::size_t i = 0; i < lines.size(); ++i) {
    piece += lines[i].text;
    if (!lines[i].number.empty()) {
      const auto integer = static_cast<std::int64_t>(numbers[i]);
      const auto end = static_cast<double>(integer) == numbers[i]
                           ? std::to_chars(std::begin(digits), std::end(digits), integer)
                           : std::to_chars(std::begin(digits), std::end(digits), numbers[i]);
      piece += ' ';
      piece.append(digits, end.ptr);
    }
    piece += '\n';
    if (piece.size() < kPiece) continue;
    total += piece.size();
    piece.clear();
  }
  return total + piece.size();
}

struct Measured {
  Stopwatch read, rows, sort, write, ready, all, plain;
  std::size_t bytes = 0;
};

Measured Measure(std::size_t series) {
  NetnsNames netns;
  KernelClock clock;
  IrqDevices irqs;
  const RenderContext context{clock, netns, irqs};
  const auto entries = EthtoolEntries(series / kSeriesOfAnEntry, NetnsNames::InitialNetns());
  const Fd map = FilledMap(entries);
  Measured measured;
  std::string page_text;
  const auto read = [&](const auto& take) {
    const Status status = ForEachEntry<ethtool_key, ethtool_counters>(map.get(), take);
    if (!status) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  };
  const auto scrape = [&](const Sink& sink, Measured& stages) {
    MetricsPage page;
    stages.rows.Measure([&] {
      RowMaker<ethtool_key, ethtool_counters> rows(EthtoolSchema(), context,
                                                   page.AddTable(FamiliesOf(EthtoolSchema()), 0));
      read([&](const ethtool_key& key, const ethtool_counters& value) { rows.Add(key, value); });
    });
    stages.sort.Measure([&] { page.Sort(); });
    stages.write.Measure([&] { page.Write(sink); });
  };
  scrape(
      [&](std::string_view piece) {
        page_text += piece;
        return true;
      },
      measured);
  const std::vector<ReadyLine> lines = LinesOf(page_text);
  std::vector<double> numbers;
  for (const ReadyLine& line : lines) numbers.push_back(std::strtod(line.number.c_str(), nullptr));
  const auto read_only = [&] {
    std::size_t count = 0;
    read([&](const ethtool_key&, const ethtool_counters&) { ++count; });
  };
  const Sink ignore = [](std::string_view) { return true; };
  const std::size_t rounds = std::clamp<std::size_t>(2'000'000 / series, 20, 200);
  for (std::size_t round = 0; round < rounds; ++round) {
    measured.read.Measure(read_only);
    measured.all.Measure([&] { scrape(ignore, measured); });
    measured.ready.Measure([&] { measured.bytes = WriteReady(lines, numbers); });
    measured.plain.Measure([&] {
      read_only();
      WriteReady(lines, numbers);
    });
  }
  if (measured.bytes != page_text.size()) std::fprintf(stderr, "the plain page differs\n");
  return measured;
}

int Run() {
  std::printf(
      "## Stages of a scrape\n\nThe time of ethtool's part of a scrape, in one process: it reads "
      "the "
      "map into rows, sorts the rows, and writes the page. \"Plain\" reads the map too, and then "
      "writes the same text from lines that are ready and sorted; only numbers are made.\n\n"
      "| series | page | read the map | … and make rows | sort | write | scrape | plain | "
      "scrape / plain |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  for (const std::size_t series : kSeries) {
    const Measured m = Measure(series);
    std::printf(
        "| %zu | %.1f MB | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.2f ms | "
        "%.2f |\n",
        series, static_cast<double>(m.bytes) / 1e6, m.read.best, m.rows.best, m.sort.best,
        m.write.best, m.all.best, m.plain.best, m.all.best / m.plain.best);
  }
  return 0;
}

}  // namespace
}  // namespace netchange::test

int main() { return netchange::test::Run(); }
