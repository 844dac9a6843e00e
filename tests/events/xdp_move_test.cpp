// SPDX-License-Identifier: Apache-2.0
// A device that moves into another namespace keeps its XDP program: no change.
#include "xdp_events.h"

namespace netchange::test {
namespace {

// vethm0 is in the namespace nca, vethother in ncb. By default their renames do not count.
class XdpMove : public Xdp {
 protected:
  void SetUp() override {
    for (const char* netns : kNamespaces)
      ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
    RunBatch("ip", {"link add vethm0 netns nca type veth peer name vethm1 netns ncb",
                    "link add vethother netns ncb type veth peer name vethpeer netns nca"});
    Xdp::SetUp();
  }
  void TearDown() override {
    Settle();
    Xdp::TearDown();
    for (const char* netns : kNamespaces) Execute({"ip", "netns", "del", netns});
  }

  static void Run(const std::string& netns, const std::vector<std::string>& command) {
    const RunResult run = ExecuteIn(netns, command);
    EXPECT_EQ(run.status, 0) << run.output;
  }
  static void AttachIn(const std::string& netns, const std::string& device,
                       const std::string& program = "first") {
    Run(netns, {"ip", "link", "set", "dev", device, "xdpgeneric", "obj", kPrograms, "sec",
                "xdp/" + program});
  }
  static void DetachIn(const std::string& netns, const std::string& device) {
    Run(netns, {"ip", "link", "set", "dev", device, "xdpgeneric", "off"});
  }
  void ExpectIn(const std::string& netns, const std::string& device, const std::string& operation,
                const std::string& program = "first") {
    Labels labels = LabelsOf({device, operation, "generic", program + "_prog", "ip"});
    labels.insert(labels.begin() + 1, {"netns", netns});
    Expect("netchange_xdp_changes_total", labels);
  }
  // The syscall backend reports a change that nobody made when two checks agree.
  static void Settle() {
    for (int scrape = 0; BySystemCalls() && scrape < 3; ++scrape) {
      Scrape(port());
      std::this_thread::sleep_for(kApart);
    }
  }
  // Where the programs are: "netns device program".
  static std::vector<std::string> Places() {
    std::vector<std::string> places;
    if (BySystemCalls()) std::this_thread::sleep_for(kApart);
    for (const std::string& series : Attached())
      places.push_back(Value(series, "netns") + " " + Value(series, "device") + " " +
                       Value(series, "program"));
    return places;
  }

 private:
  static constexpr const char* kNamespaces[] = {"nca", "ncb"};

  static std::string Value(const std::string& series, const std::string& label) {
    const auto at = series.find(label + "=\"");
    if (at == std::string::npos) return "";
    const auto start = at + label.size() + 2;
    return series.substr(start, series.find('"', start) - start);
  }
};

using Strings = std::vector<std::string>;

TEST_F(XdpMove, IsNoChange) {
  AttachIn("nca", "vethm0");
  ExpectIn("nca", "vethm0", "attach");
  EXPECT_EQ(Places(), Strings{"nca vethm0 first_prog"});
  Run("nca", {"ip", "link", "set", "vethm0", "netns", "ncb"});
  EXPECT_EQ(Places(), Strings{"ncb vethm0 first_prog"});
  DetachIn("ncb", "vethm0");
  ExpectIn("ncb", "vethm0", "detach");
  EXPECT_EQ(Places(), Strings());
}

// Nobody scraped between these commands.
TEST_F(XdpMove, IsNoChangeAtOnceAfterTheAttach) {
  AttachIn("nca", "vethm0");
  ExpectIn("nca", "vethm0", "attach");
  Run("nca", {"ip", "link", "set", "vethm0", "netns", "ncb"});
  EXPECT_EQ(Places(), Strings{"ncb vethm0 first_prog"});
  DetachIn("ncb", "vethm0");
  ExpectIn("ncb", "vethm0", "detach");
  EXPECT_EQ(Places(), Strings());
}

TEST_F(XdpMove, IsNoChangeUnderANewNameAndBack) {
  AttachIn("nca", "vethm0");
  ExpectIn("nca", "vethm0", "attach");
  Run("nca", {"ip", "link", "set", "vethm0", "netns", "ncb", "name", "vethnew%d"});
  EXPECT_EQ(Places(), Strings{"ncb vethnew0 first_prog"});
  Run("ncb", {"ip", "link", "set", "vethnew0", "netns", "nca", "name", "vethother"});
  EXPECT_EQ(Places(), Strings{"nca vethother first_prog"});
  DetachIn("nca", "vethother");
  ExpectIn("nca", "vethother", "detach");
}

// The name of each is taken where the other one is.
TEST_F(XdpMove, IsNoChangeOfTwoThatChangePlaces) {
  AttachIn("nca", "vethm0");
  AttachIn("ncb", "vethother", "second");
  ExpectIn("nca", "vethm0", "attach");
  ExpectIn("ncb", "vethother", "attach", "second");
  Run("nca", {"ip", "link", "set", "vethm0", "netns", "ncb", "name", "vethswap"});
  Run("ncb", {"ip", "link", "set", "vethother", "netns", "nca", "name", "vethm0"});
  Run("ncb", {"ip", "link", "set", "vethswap", "name", "vethother"});
  EXPECT_EQ(Places(), (Strings{"nca vethm0 second_prog", "ncb vethother first_prog"}));
  DetachIn("nca", "vethm0");
  DetachIn("ncb", "vethother");
  ExpectIn("nca", "vethm0", "detach", "second");
  ExpectIn("ncb", "vethother", "detach");
}

// The new owner of a device replaces the program that came with it.
TEST_F(XdpMove, IsNoChangeBeforeAReplacement) {
  AttachIn("nca", "vethm0");
  ExpectIn("nca", "vethm0", "attach");
  Run("nca", {"ip", "link", "set", "vethm0", "netns", "ncb"});
  Run("ncb", {"ip", "-force", "link", "set", "dev", "vethm0", "xdpgeneric", "obj", kPrograms, "sec",
              "xdp/second"});
  ExpectIn("ncb", "vethm0", "replace", "second");
  EXPECT_EQ(Places(), Strings{"ncb vethm0 second_prog"});
  DetachIn("ncb", "vethm0");
  ExpectIn("ncb", "vethm0", "detach", "second");
}

}  // namespace
}  // namespace netchange::test
