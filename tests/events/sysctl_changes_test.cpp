// SPDX-License-Identifier: Apache-2.0
// Whether writes to sysctls count as changes.
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "changes.h"
#include "sysctl_events.h"

namespace netchange::test {
namespace {

enum class Effect { kChange, kSame, kRefused };
struct Attempt {
  const char* text;
  Effect effect;
  int error = 0;
};
struct Key {
  std::string file, setting, device;
  std::vector<Attempt> attempts;
};

constexpr auto kChange = Effect::kChange;
constexpr auto kSame = Effect::kSame;
constexpr auto kRefused = Effect::kRefused;

// Each test restores the setting. If the first write has the current value, only a comparison of
// the kernel's own bytes shows that nothing changed.
const Key kKeys[] = {
    // one number, by several handlers and of several widths
    {"core/somaxconn",
     "net.core.somaxconn",
     "",
     {{"4096", kSame},
      {"5001", kChange},
      {"5001\n", kSame},
      {"4096", kChange},
      {"x", kRefused, EINVAL}}},
    {"core/netdev_max_backlog",
     "net.core.netdev_max_backlog",
     "",
     {{"1000", kSame}, {"2000", kChange}, {"0x7d0", kSame}, {"1000", kChange}}},
    {"unix/max_dgram_qlen",
     "net.unix.max_dgram_qlen",
     "",
     {{"10", kSame}, {"20", kChange}, {"20", kSame}, {"10", kChange}}},
    {"ipv4/ip_default_ttl",
     "net.ipv4.ip_default_ttl",
     "",
     {{"64", kSame}, {"63", kChange}, {"64", kChange}, {"0", kRefused, EINVAL}}},
    {"ipv4/tcp_timestamps",
     "net.ipv4.tcp_timestamps",
     "",
     {{"1", kSame}, {"0", kChange}, {"0", kSame}, {"1", kChange}}},
    {"ipv4/tcp_sack", "net.ipv4.tcp_sack", "", {{"1", kSame}, {"0", kChange}, {"1", kChange}}},
    {"netfilter/nf_conntrack_max",
     "net.netfilter.nf_conntrack_max",
     "",
     {{"10001", kChange}, {"10001", kSame}, {"10002", kChange}}},
    {"ipv4/icmp_echo_ignore_all",
     "net.ipv4.icmp_echo_ignore_all",
     "",
     {{"1", kChange}, {"1", kSame}, {"0", kChange}, {"x", kRefused, EINVAL}}},
    {"ipv4/tcp_keepalive_probes",
     "net.ipv4.tcp_keepalive_probes",
     "",
     {{"8", kChange}, {"8", kSame}, {"9", kChange}}},
    {"ipv4/route/min_adv_mss",
     "net.ipv4.route.min_adv_mss",
     "",
     {{"300", kChange}, {"300", kSame}, {"256", kChange}}},
    {"ipv6/idgen_retries",
     "net.ipv6.idgen_retries",
     "",
     {{"4", kChange}, {"4", kSame}, {"3", kChange}}},
    // a time, stored by the kernel in another unit
    {"ipv4/tcp_fin_timeout",
     "net.ipv4.tcp_fin_timeout",
     "",
     {{"60", kSame}, {"30", kChange}, {"30", kSame}, {"60", kChange}, {"soon", kRefused, EINVAL}}},
    {"ipv4/icmp_ratelimit",
     "net.ipv4.icmp_ratelimit",
     "",
     {{"1000", kSame}, {"500", kChange}, {"500", kSame}, {"1000", kChange}}},
    {"core/message_cost",
     "net.core.message_cost",
     "",
     {{"5", kSame}, {"6", kChange}, {"6", kSame}, {"5", kChange}}},
    {"netfilter/nf_conntrack_udp_timeout",
     "net.netfilter.nf_conntrack_udp_timeout",
     "",
     {{"30", kSame}, {"31", kChange}, {"31", kSame}, {"30", kChange}}},
    // several numbers
    {"ipv4/tcp_rmem",
     "net.ipv4.tcp_rmem",
     "",
     {{"4096 100000 200000", kChange},
      {"4096\t100000\t200000\n", kSame},
      {"4096 131072 6291456", kChange},
      {"a b c", kRefused, EINVAL}}},
    {"ipv4/ip_local_port_range",
     "net.ipv4.ip_local_port_range",
     "",
     {{"20000 30000", kChange},
      {"20000 30000", kSame},
      {"30000 20000", kRefused, EINVAL},
      {"32768 60999", kChange}}},
    {"ipv4/ping_group_range",
     "net.ipv4.ping_group_range",
     "",
     {{"0 100", kChange}, {"0 100", kSame}, {"1 0", kChange}}},
    // a name
    {"ipv4/tcp_congestion_control",
     "net.ipv4.tcp_congestion_control",
     "",
     {{"cubic", kSame},
      {"reno", kChange},
      {"reno", kSame},
      {"nosuch", kRefused, ENOENT},
      {"cubic", kChange}}},
    {"core/default_qdisc",
     "net.core.default_qdisc",
     "",
     {{"pfifo", kChange}, {"pfifo", kSame}, {"nosuch", kRefused, ENOENT}, {"pfifo_fast", kChange}}},
    // a device's setting
    {"ipv6/conf/nct0/accept_ra",
     "net.ipv6.conf.*.accept_ra",
     "nct0",
     {{"1", kSame}, {"0", kChange}, {"0", kSame}, {"1", kChange}}},
    {"ipv6/conf/nct0/forwarding",
     "net.ipv6.conf.*.forwarding",
     "nct0",
     {{"0", kSame}, {"1", kChange}, {"1", kSame}, {"0", kChange}}},
    {"ipv6/conf/nct0/mtu",
     "net.ipv6.conf.*.mtu",
     "nct0",
     {{"1500", kSame}, {"1400", kChange}, {"1400", kSame}, {"10", kRefused, EINVAL}}},
    {"ipv6/conf/nct1/disable_ipv6",
     "net.ipv6.conf.*.disable_ipv6",
     "nct1",
     {{"0", kSame}, {"1", kChange}, {"1", kSame}, {"0", kChange}}},
    {"ipv6/conf/nct1/stable_secret",
     "net.ipv6.conf.*.stable_secret",
     "nct1",
     {{"2001:db8::1", kChange}, {"2001:db8::1", kSame}, {"2001:db8::2", kChange}}},
    {"ipv4/conf/nct1/arp_filter",
     "net.ipv4.conf.*.arp_filter",
     "nct1",
     {{"1", kChange}, {"1", kSame}, {"0", kChange}, {"no", kRefused, EINVAL}}},
    {"ipv6/conf/default/hop_limit",
     "net.ipv6.conf.*.hop_limit",
     "default",
     {{"64", kSame}, {"63", kChange}, {"64", kChange}}},
    {"ipv4/neigh/nct0/gc_stale_time",
     "net.ipv4.neigh.*.gc_stale_time",
     "nct0",
     {{"60", kSame}, {"30", kChange}, {"30", kSame}, {"60", kChange}}},
    {"ipv4/neigh/nct0/base_reachable_time_ms",
     "net.ipv4.neigh.*.base_reachable_time_ms",
     "nct0",
     {{"30000", kSame}, {"20000", kChange}, {"20000", kSame}, {"-", kRefused, EINVAL}}},
    {"ipv4/neigh/nct1/unres_qlen",
     "net.ipv4.neigh.*.unres_qlen",
     "nct1",
     {{"50", kChange}, {"50", kSame}}},
    {"ipv4/neigh/default/gc_thresh1",
     "net.ipv4.neigh.*.gc_thresh1",
     "default",
     {{"128", kSame}, {"100", kChange}, {"100", kSame}, {"128", kChange}}},
    {"ipv6/neigh/nct0/mcast_solicit",
     "net.ipv6.neigh.*.mcast_solicit",
     "nct0",
     {{"3", kSame}, {"2", kChange}, {"2", kSame}, {"3", kChange}}},
    {"ipv6/neigh/nct0/retrans_time_ms",
     "net.ipv6.neigh.*.retrans_time_ms",
     "nct0",
     {{"1000", kSame}, {"500", kChange}, {"500", kSame}}},
};

TEST_F(Sysctl, CountsEveryKeyBelowNetWithItsResult) {
  SKIP_WITHOUT(Exists(kNet + "core/netdev_max_backlog"),
               "another network namespace than the initial one, without many of these keys");
  std::size_t attempts = 0;
  for (const Key& key : kKeys) {
    ASSERT_TRUE(Exists(kNet + key.file)) << key.file;
    const Setting setting{key.setting, key.device};
    double accepted = 0, changes = 0;
    for (const Attempt& attempt : key.attempts) {
      EXPECT_EQ(WriteAsWriter(kNet + key.file, attempt.text), attempt.error)
          << key.file << ' ' << attempt.text;
      if (attempt.effect == Effect::kRefused) ExpectRefused(setting, attempt.error);
      accepted += attempt.effect != Effect::kRefused;
      changes += attempt.effect == Effect::kChange;
    }
    ExpectWrites(setting, accepted, changes);
    attempts += key.attempts.size();
  }
  EXPECT_GE(attempts, 100U);
  EXPECT_EQ(ValueOf({"net.core.somaxconn", ""}), 4096);
  EXPECT_EQ(ValueOf({"net.core.netdev_max_backlog", ""}), 1000);
  EXPECT_EQ(ValueOf({"net.ipv4.tcp_fin_timeout", ""}), 60);
  EXPECT_EQ(ValueOf({"net.ipv4.neigh.*.gc_stale_time", "nct0"}), 60);
  EXPECT_EQ(ValueOf({"net.ipv6.conf.*.mtu", "nct0"}), 1400);
}

TEST_F(Sysctl, CountsTheKeyOfAModuleAlsoWhereAnybodyMayWriteIt) {
  SKIP_WITHOUT(Exists(kNet + "flag"), "no test module");
  EXPECT_EQ(WriteAsWriter(kNet + "flag", "5"), 0);
  EXPECT_EQ(WriteAsWriter(kNet + "flag", "5"), 0);
  const auto as_nobody = [] { return setuid(kNobody) ? errno : WriteFile(kNet + "flag", "0"); };
  EXPECT_EQ(ForkAs("nobody", as_nobody).status, 0);
  ExpectWrites({"net.flag"}, 2, 1);
  ExpectWrites({"net.flag", "", "nobody"}, 1, 1);
  EXPECT_EQ(ValueOf({"net.flag", ""}), 0);
}

// The kernel stores a list of ports as a bitmap, so the whole written text is compared.
TEST_F(Sysctl, ComparesTextThatIsLongerThanItsBuffer) {
  std::string ports;
  for (int port = 10001; port < 10101; port += 2)
    ports += (ports.empty() ? "" : ",") + std::to_string(port);
  std::string other = ports;
  other.back() = '8';  // beyond the first 64 bytes
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  for (const std::string& text : {ports, ports, other, other + "\n", std::string("\n")})
    EXPECT_EQ(WriteAsWriter(file, text), 0) << text;
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 5, 3);
}

// Texts of the same length and beginning, with differences far apart in a word.
TEST_F(Sysctl, DistinguishesTextsThatDifferInAFewDigits) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  for (const char* text : {"1000,2000,3000,6000,5004,6000", "1000,2010,3000,1000,5000,6000", "\n"})
    EXPECT_EQ(WriteAsWriter(file, text), 0) << text;
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 3, 3);
}

// Ports 10000, 10002, … as `seq` writes them: more than 2 KiB.
std::string ManyPorts(int last) {
  std::string text;
  for (int port = 10000; port < 10800; port += 2) text += std::to_string(port) + ',';
  return text + std::to_string(last);
}

TEST_F(Sysctl, ComparesLongTextsToTheirEnd) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  for (const int last : {10800, 10800, 10800, 10802, 10802})
    EXPECT_EQ(WriteAsWriter(file, ManyPorts(last)), 0);
  EXPECT_EQ(WriteAsWriter(file, "\n"), 0);
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 6, 3);
}

// As `seq` and `printf` write into a file: with a buffer of 1 KiB, so in several parts.
int WriteByStdio(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (!file) return errno;
  for (const char letter : text) std::fputc(letter, file);
  return std::fclose(file) ? errno : 0;
}

TEST_F(Sysctl, TakesATextInPartsAsOneWrite) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  const auto write = [&](const std::string& text) {
    EXPECT_EQ(ForkAs("writer", [&] { return WriteByStdio(file, text); }).status, 0);
  };
  for (int time = 0; time < 3; ++time) write(ManyPorts(10800));
  for (const int last : {10802, 10802, 10804}) write(ManyPorts(last));
  write("\n");
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 7, 4);
}

TEST_F(Sysctl, TellsOfEachPartOfATextWhetherItChangedTheValue) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  for (const int last : {10800, 10800, 10802})
    EXPECT_EQ(ForkAs("writer", [&] { return WriteByStdio(file, ManyPorts(last)); }).status, 0);
  EXPECT_EQ(WriteAsWriter(file, "\n"), 0);
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 4, 3);
  const auto events = EventsOfSetting("net.ipv4.ip_local_reserved_ports", 10);
  ASSERT_EQ(events.size(), 10U) << "three parts of each text";
  std::string changed;
  for (const auto& event : events) changed += event["changed"] ? '1' : '0';
  EXPECT_EQ(changed,
            "1"
            "100"
            "000"
            "111")
      << "newest first";
}

// The kernel has the first part only. This is known some time after it was written.
TEST_F(Sysctl, CountsAChangeIfTheOtherPartsAreMissing) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  const std::string text = ManyPorts(10800);
  EXPECT_EQ(ForkAs("writer", [&] { return WriteByStdio(file, text); }).status, 0);
  EXPECT_EQ(WriteAsWriter(file, text.substr(0, 1024)), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 2, 2);
  EXPECT_EQ(ForkAs("cleaner", [&] { return WriteFile(file, "\n"); }).status, 0);
  ExpectWrites({"net.ipv4.ip_local_reserved_ports", "", "cleaner"}, 1, 1);
}

TEST_F(Sysctl, ShowsTheWrittenValueIfTheKernelHasAnotherUnit) {
  for (const char* text : {"7201", "7200"})
    EXPECT_EQ(WriteAsWriter(kNet + "ipv4/tcp_keepalive_time", text), 0);
  for (const char* text : {"4096 16384 4194305", "4096 16384 4194304"})
    EXPECT_EQ(WriteAsWriter(kNet + "ipv4/tcp_wmem", text), 0);
  ExpectWrites({"net.ipv4.tcp_keepalive_time"}, 2, 2);
  ExpectWrites({"net.ipv4.tcp_wmem"}, 2, 2);
  const auto times = EventsOfSetting("net.ipv4.tcp_keepalive_time", 2);
  ASSERT_EQ(times.size(), 2U);
  EXPECT_FALSE(times[0].contains("old")) << "not known";
  EXPECT_EQ(times[0]["new"], "7200");
  const auto vectors = EventsOfSetting("net.ipv4.tcp_wmem", 2);
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[0]["old"], "4096 16384 4194305");
  EXPECT_EQ(vectors[0]["new"], "4096 16384 4194304");
  EXPECT_EQ(vectors[0]["changed"], true);
}

}  // namespace
}  // namespace netchange::test
