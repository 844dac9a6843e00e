// SPDX-License-Identifier: Apache-2.0
#include "collectors/self_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>

#include "support.h"
#include "util/fd.h"
#include "version.h"

#include <fcntl.h>

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<prometheus::MetricFamily> Exporter() {
  FamilySet set;
  AddExporterMetrics(set);
  return set.Take();
}

double Only(const std::vector<prometheus::MetricFamily>& families, const char* name) {
  const auto samples = Samples(families, name);
  EXPECT_EQ(samples.size(), 1u) << name;
  return samples.empty() ? -1 : samples.begin()->second;
}

TEST(CollectorMetrics, SayThatACollectorSeesNothing) {
  TestContext test;
  MetricsPage page;
  Scrape scrape{test.context, page};
  AddCollectorMetrics({AllCollectors()[0], Error{"no"}}, {0.5, false, 0}, scrape);
  const auto families = page.own().Take();
  EXPECT_THAT(Samples(families, "netchange_collector_up"),
              ElementsAre(Pair(R"(collector="ethtool")", 0)));
  EXPECT_THAT(Samples(families, "netchange_scrape_collector_success"),
              ElementsAre(Pair(R"(collector="ethtool")", 0)));
  EXPECT_THAT(Samples(families, "netchange_scrape_collector_duration_seconds"),
              ElementsAre(Pair(R"(collector="ethtool")", 0.5)));
  EXPECT_THAT(Samples(families, "netchange_probes"), IsEmpty());
}

TEST(ExporterMetrics, NameTheBuild) {
  const auto samples = Samples(Exporter(), "netchange_exporter_build_info");
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_TRUE(samples.begin()->first.starts_with(std::string("version=\"") + kVersion +
                                                 "\",revision=\"" + kRevision + "\",libbpf=\"1."))
      << samples.begin()->first;
  EXPECT_EQ(samples.begin()->second, 1);
}

TEST(ProcessMetrics, AreAllThere) {
  std::vector<std::string> names;
  for (const auto& family : Exporter()) {
    if (family.name.starts_with("process_")) names.push_back(family.name);
  }
  EXPECT_THAT(names, ElementsAre("process_cpu_seconds_total", "process_max_fds", "process_open_fds",
                                 "process_resident_memory_bytes", "process_start_time_seconds",
                                 "process_virtual_memory_bytes"));
}

TEST(ProcessMetrics, CountCpuTime) {
  const double before = Only(Exporter(), "process_cpu_seconds_total");
  for (const std::clock_t start = std::clock(); std::clock() - start < CLOCKS_PER_SEC / 10;) {
  }
  const double used = Only(Exporter(), "process_cpu_seconds_total") - before;
  EXPECT_GE(used, 0.05);
  EXPECT_LT(used, 2);
}

TEST(ProcessMetrics, CountOpenFiles) {
  const double before = Only(Exporter(), "process_open_fds");
  {
    const Fd one(open("/dev/null", O_RDONLY | O_CLOEXEC)),
        two(open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(Only(Exporter(), "process_open_fds"), before + 2);
  }
  EXPECT_EQ(Only(Exporter(), "process_open_fds"), before);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(Only(Exporter(), "process_max_fds"), static_cast<double>(limit.rlim_cur));
}

TEST(ProcessMetrics, TellWhenTheProcessStarted) {
  const double start = Only(Exporter(), "process_start_time_seconds");
  const double now = static_cast<double>(std::time(nullptr));
  EXPECT_LE(start, now + 2);
  EXPECT_GE(start, now - 3600);
  EXPECT_EQ(Only(Exporter(), "process_start_time_seconds"), start);
}

TEST(ProcessMetrics, CountMemoryInBytes) {
  const auto families = Exporter();
  const double resident = Only(families, "process_resident_memory_bytes");
  EXPECT_GE(resident, 1 << 20);
  EXPECT_GE(Only(families, "process_virtual_memory_bytes"), resident);
}

}  // namespace
}  // namespace netchange
