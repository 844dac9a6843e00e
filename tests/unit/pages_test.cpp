// SPDX-License-Identifier: Apache-2.0
#include "web/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kScript[] = "<script>alert(\"1\")</script>&'";
constexpr char kScriptAsText[] = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;";

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

std::vector<RunningCollector> Blind(const CollectorSpec& spec, const std::string& reason) {
  std::vector<RunningCollector> collectors;
  collectors.push_back({&spec, Error{reason}});
  return collectors;
}

Change HostileChange() {
  Change change;
  change.time_ns = 1'700'000'005'000'123'456;
  change.pid = 4242;
  change.parent_pid = 4000;
  for (std::string* text :
       {&change.device, &change.netns, &change.process, &change.parent, &change.exe, &change.result,
        &change.description.what, &change.description.change, &change.description.message,
        &change.description.words}) {
    *text = kScript;
  }
  return change;
}

TEST(LandingPage, LinksTheOtherPages) {
  const std::string page = LandingPage("/my/metrics", {}, {});
  for (const char* link : {"href=\"/my/metrics\"", "href=\"/changes\"", "href=\"/-/healthy\""})
    EXPECT_THAT(page, HasSubstr(link));
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>\n"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST(LandingPage, SaysThatThereIsNothingYet) {
  EXPECT_THAT(LandingPage("/metrics", {}, {}),
              HasSubstr("<p>No changes since the exporter started.</p>"));
}

TEST(LandingPage, SaysWhyACollectorSeesNothing) {
  const std::string page =
      LandingPage("/metrics", Blind(*AllCollectors()[0], "attach: Operation not permitted"), {});
  EXPECT_THAT(page,
              HasSubstr("<tr><td>ethtool</td><td>ethtool commands, by ioctl and by netlink</td>"
                        "<td><span class=\"bad\">blind: attach: Operation not "
                        "permitted</span></td></tr>"));
}

TEST(LandingPage, ShowsAChange) {
  Change change;
  change.time_ns = 1'700'000'005'000'123'456;
  change.device = "eth0";
  change.netns = "blue";
  change.pid = 4242;
  change.process = "ip";
  change.parent_pid = 4000;
  change.parent = "bash";
  change.unit = "session.scope";
  change.exe = "/usr/sbin/ip";
  change.result = "ok";
  change.description = {"xdp attach native", "none → pass#12", {}};
  EXPECT_THAT(
      LandingPage("/metrics", {}, {change}),
      HasSubstr("<tr><td>2023-11-14T22:13:25Z</td><td>eth0 in blue</td><td>xdp attach native</td>"
                "<td>none → pass#12</td><td>ok</td><td>ip (4242)</td><td>bash (4000)</td>"
                "<td>session.scope</td><td>/usr/sbin/ip</td></tr>"));
}

TEST(LandingPage, EscapesHostileText) {
  const CollectorSpec spec{.name = "name", .help = kScript};
  const std::string page = LandingPage("/metrics", Blind(spec, kScript), {HostileChange()});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_EQ(Count(page, kScriptAsText), 12u) << "help, reason, and ten texts of the change";
}

TEST(LandingPage, EscapesAHostilePath) {
  const std::string page = LandingPage("/\"><script>", {}, {});
  EXPECT_THAT(page, HasSubstr("href=\"/&quot;&gt;&lt;script&gt;\""));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(LandingPage, TakesNoTextForAFormat) {
  Change change = HostileChange();
  change.process = "{version} {} {{";
  EXPECT_THAT(LandingPage("/metrics", Blind(*AllCollectors()[0], "{path} {0} %s"), {change}),
              testing::AllOf(HasSubstr("{version} {} {{ (4242)"), HasSubstr("{path} {0} %s")));
}

TEST(LandingPage, MakesReasonsPrintable) {
  EXPECT_THAT(LandingPage("/metrics", Blind(*AllCollectors()[0], "a\x1b\xff"), {}),
              HasSubstr("blind: a\\x1b\\xff<"));
}

// Pages of a set in which every collector is off, so that nothing is loaded.
class Pages : public testing::Test {
 protected:
  static Config AllOff() {
    Config config;
    for (const CollectorSpec* spec : AllCollectors()) config.collectors[spec->name] = false;
    return config;
  }
  // With the body as a whole.
  Response Get(const std::string& path) {
    Response response = routes_.at(path)();
    const auto add = [&](std::string_view piece) {
      response.body += piece;
      return true;
    };
    if (response.write) response.write(add);
    return response;
  }

  EventLog log_;
  std::unique_ptr<CollectorSet> collectors_ = CollectorSet::Start(AllOff(), false, -1);
  WebServer::Routes routes_ = MakeRoutes("/my/metrics", *collectors_, log_);
};

TEST_F(Pages, AreFive) {
  std::vector<std::string> paths;
  for (const auto& [path, page] : routes_) paths.push_back(path);
  EXPECT_THAT(paths, ElementsAre("/", "/-/healthy", "/-/ready", "/changes", "/my/metrics"));
}

TEST_F(Pages, ServeMetricsWithTheVersionOfTheFormat) {
  const Response response = Get("/my/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("\nnetchange_lost_events_total 0\n"));
  EXPECT_THAT(response.body, HasSubstr("\nnetchange_exporter_build_info{"));
}

TEST_F(Pages, ServeEachFamilyOnceInOrder) {
  std::istringstream page(Get("/my/metrics").body);
  std::vector<std::string> names;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("# TYPE ")) names.push_back(line.substr(7, line.find(' ', 7) - 7));
  }
  EXPECT_GE(names.size(), 8u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST_F(Pages, ServeTheNewestChangesAsJson) {
  EXPECT_EQ(Get("/changes").content_type, "application/json");
  EXPECT_EQ(Get("/changes").body, "[]\n");
  for (std::uint32_t pid = 1; pid <= 3; ++pid) {
    Change change = HostileChange();
    change.pid = pid;
    log_.Add(change);
  }
  const auto changes = nlohmann::json::parse(Get("/changes").body);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].at("pid"), 3);
  EXPECT_EQ(changes[2].at("pid"), 1);
  EXPECT_EQ(changes[0].at("process"), kScript);
}

TEST_F(Pages, ShowTheNewestChangesOnTheStartPage) {
  for (std::uint32_t pid = 1; pid <= 30; ++pid) {
    Change change = HostileChange();
    change.pid = pid;
    log_.Add(change);
  }
  const Response response = Get("/");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(Count(response.body, "2023-11-14T22:13:25Z"), 25u);
  EXPECT_THAT(response.body, HasSubstr(" (30)</td>"));
  EXPECT_THAT(response.body, Not(HasSubstr(" (5)</td>")));
}

TEST_F(Pages, SayThatTheExporterIsAlive) {
  for (const char* path : {"/-/healthy", "/-/ready"}) {
    EXPECT_EQ(Get(path).status, 200) << path;
    EXPECT_EQ(Get(path).body, "netchange_exporter is healthy\n") << path;
  }
}

}  // namespace
}  // namespace netchange
