// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "event_test.h"

namespace netchange::test {
namespace {

const std::string kNet = "/proc/sys/net/";
const std::string kConf = kNet + "ipv4/conf/";
constexpr uid_t kNobody = 65534;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

class Sysctl : public EventTest {
 protected:
  struct Write {
    std::string setting;
    std::string device = "";
    std::string netns = "";
    std::string comm = "writer";
  };

  static Labels LabelsOf(const Write& w, const std::string& error = "") {
    return {{"device", w.device}, {"netns", w.netns},
            {"comm", w.comm},     {"parent_comm", "event_tests"},
            {"kind", "sysctl"},   {"setting", w.setting},
            {"errno", error}};
  }

  void ExpectWrites(const Write& w, double writes, double changes) {
    Expect("netchange_config_writes_total", LabelsOf(w), writes);
    if (changes) Expect("netchange_config_changes_total", LabelsOf(w), changes);
  }

  void ExpectRefused(const Write& w, const std::string& error) {
    Expect("netchange_config_writes_total", LabelsOf(w));
    Expect("netchange_config_write_errors_total", LabelsOf(w, error));
  }

  // Before the handler is called. By system calls that is not seen: then nothing is counted.
  void ExpectRefusedEarly(const Write& w, const std::string& error) {
    if (BackendOf("sysctl") != "syscall") ExpectRefused(w, error);
  }

  // By a process of its own; 0 or the errno.
  static int WriteAs(const std::string& comm, const std::string& path, const std::string& text) {
    return ForkAs(comm, [&] { return WriteFile(path, text); }).status;
  }

  static void ExpectValue(const std::string& setting, const std::string& device, double value) {
    const Page page = Scrape(port());
    const auto found = page.find(Series(
        "netchange_config_value", {{"kind", "sysctl"}, {"setting", setting}, {"device", device}}));
    ASSERT_NE(found, page.end()) << setting;
    EXPECT_EQ(found->second, value) << setting;
  }

  VethPair pair_{"nct0", "nct1"};
};

TEST_F(Sysctl, CountsAWriteToADeviceAndWhetherItChangedTheValue) {
  for (const char* value : {"1\n", "1", "0"})
    EXPECT_EQ(WriteAs("writer", kConf + "nct0/forwarding", value), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 3, 2);
  ExpectValue("net.ipv4.conf.*.forwarding", "nct0", 0);
}

TEST_F(Sysctl, CountsAWriteByWhateverSystemCall) {
  const std::string path = kConf + "nct0/forwarding";
  const auto write_in_every_way = [&] {
    const int to = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const int from = memfd_create("text", MFD_CLOEXEC);
    char one[] = "1\n", zero[] = "0\n";
    iovec piece = {zero, 2};
    if (pwrite(to, one, 2, 0) != 2) return 1;
    if (writev(to, &piece, 1) != 2) return 2;
    piece.iov_base = one;
    if (pwritev(to, &piece, 1, 0) != 2) return 3;
    piece.iov_base = zero;
    if (pwritev2(to, &piece, 1, 0, 0) != 2) return 4;
    if (write(from, one, 2) != 2 || lseek(from, 0, SEEK_SET) || lseek(to, 0, SEEK_SET)) return 5;
    if (sendfile(to, from, nullptr, 2) != 2) return 6;
    return 0;
  };
  EXPECT_EQ(ForkAs("writer", write_in_every_way).status, 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 5, 5);
}

TEST_F(Sysctl, NamesTheProcessThatTheRealProgramIs) {
  EXPECT_EQ(Execute({"sysctl", "-q", "-w", "net.ipv4.conf.nct0.rp_filter=2"}).status, 0);
  EXPECT_EQ(Execute({"sysctl", "-q", "-w", "net.ipv4.conf.nct0.rp_filter=0"}).status, 0);
  ExpectWrites({"net.ipv4.conf.*.rp_filter", "nct0", "", "sysctl"}, 2, 2);
}

TEST_F(Sysctl, CountsAllAndDefaultAsDevicesOfTheirOwn) {
  EXPECT_EQ(WriteAs("writer", kConf + "all/accept_source_route", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "all/accept_source_route", "0"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "default/log_martians", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "default/log_martians", "0"), 0);
  ExpectWrites({"net.ipv4.conf.*.accept_source_route", "all"}, 2, 2);
  ExpectWrites({"net.ipv4.conf.*.log_martians", "default"}, 2, 2);
}

TEST_F(Sysctl, CountsSettingsThatFlushTheRoutingCache) {
  EXPECT_EQ(WriteAs("writer", kConf + "nct1/promote_secondaries", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "nct1/promote_secondaries", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.promote_secondaries", "nct1"}, 2, 1);
}

// The same switch under two names: each write is counted under the name that was written, and once,
// whatever number of devices it changes.
TEST_F(Sysctl, CountsForwardingOfAllUnderTheNameThatWasWritten) {
  EXPECT_EQ(WriteAs("writer", "/proc/sys/net/ipv4/ip_forward", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "all/forwarding", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "all/forwarding", "0"), 0);
  EXPECT_EQ(WriteAs("writer", "/proc/sys/net/ipv4/ip_forward", "0"), 0);
  ExpectWrites({"net.ipv4.ip_forward"}, 2, 1);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "all"}, 2, 1);
  ExpectValue("net.ipv4.ip_forward", "", 0);
}

TEST_F(Sysctl, CountsARefusedValueAsAnError) {
  EXPECT_EQ(WriteAs("writer", kConf + "nct0/forwarding", "maybe"), EINVAL);
  EXPECT_EQ(WriteAs("writer", kConf + "nct0/rp_filter", "-"), EINVAL);
  ExpectRefused({"net.ipv4.conf.*.forwarding", "nct0"}, "EINVAL");
  ExpectRefused({"net.ipv4.conf.*.rp_filter", "nct0"}, "EINVAL");
}

TEST_F(Sysctl, CountsNothingWhenItIsOnlyRead) {
  EXPECT_EQ(Execute({"sysctl", "net.ipv4.conf.nct0.forwarding", "net.ipv4.ip_forward"}).status, 0);
}

TEST_F(Sysctl, CountsEachNamespaceOnItsOwn) {
  for (const std::string netns : {"ncns1", "ncns2"}) {
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.ipv4.conf.lo.rp_filter=1"}).status, 0);
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.ipv4.ip_forward=1"}).status, 0);
    ExpectWrites({"net.ipv4.conf.*.rp_filter", "lo", netns, "sysctl"}, 1, 1);
    ExpectWrites({"net.ipv4.ip_forward", "", netns, "sysctl"}, 1, 1);
    ASSERT_EQ(Execute({"ip", "netns", "del", netns}).status,
              0);  // the next one may get the same inode number
  }
}

TEST_F(Sysctl, KeepsTheNameOfADeviceThatIsGone) {
  {
    const VethPair gone("ncgone0", "ncgone1");
    EXPECT_EQ(WriteAs("writer", kConf + "ncgone0/arp_announce", "2"), 0);
  }
  ExpectWrites({"net.ipv4.conf.*.arp_announce", "ncgone0"}, 1, 1);
}

// Takes the kernel's lock on all network settings (rtnl) as often as it can, until it is told to
// stop. How often it was: each is a change of the MTU.
int KeepTheLockBusy(const std::atomic<bool>& stop) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "nct0");
  int times = 0;
  for (; !stop; ++times) {
    request.ifr_mtu = 1400 + times % 2;
    ioctl(fd, SIOCSIFMTU, &request);
  }
  close(fd);
  return times;
}

// Writers that do not get that lock repeat their write by themselves (restart_syscall): still one
// event.
TEST_F(Sysctl, CountsOneForAWriteThatTheKernelRestarts) {
  constexpr int kEach = 400;
  const auto write_at_once = [] {
    std::atomic<bool> stop = false;
    int times = 0;
    std::thread holder([&] { times = KeepTheLockBusy(stop); });
    std::vector<std::thread> writers;
    for (const std::string device : {"nct0", "nct1"}) {
      writers.emplace_back([device] {
        for (int i = 0; i < kEach; ++i)
          WriteFile(kConf + device + "/forwarding", i % 2 ? "0" : "1");
      });
    }
    for (auto& writer : writers) writer.join();
    stop = true;
    holder.join();
    std::printf("%d", times);
    return 0;
  };
  const RunResult run = ForkAs("writer", write_at_once);
  EXPECT_EQ(run.status, 0);
  const double times = std::stod(run.output);
  ExpectLink("mtu", "nct0", {times, times, "writer"});
  for (const char* device : {"nct0", "nct1"})
    ExpectWrites({"net.ipv4.conf.*.forwarding", device}, kEach, kEach);
}

// --- every key below net --------------------

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

// Each setting is left as it was found. Where the first attempt writes what is there, only the
// kernel's own bytes tell that it changes nothing.
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
    // a time, which the kernel keeps in another unit
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
    // of a device
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
  int attempts = 0;
  for (const Key& key : kKeys) {
    ASSERT_TRUE(Exists(kNet + key.file)) << key.file;
    const Write write{key.setting, key.device};
    double changes = 0;
    for (const Attempt& attempt : key.attempts) {
      EXPECT_EQ(WriteAs("writer", kNet + key.file, attempt.text), attempt.error)
          << key.file << ' ' << attempt.text;
      changes += attempt.effect == Effect::kChange;
      if (attempt.effect == Effect::kRefused)
        Expect("netchange_config_write_errors_total",
               LabelsOf(write, strerrorname_np(attempt.error)));
      ++attempts;
    }
    ExpectWrites(write, static_cast<double>(key.attempts.size()), changes);
  }
  EXPECT_GE(attempts, 100);
  ExpectValue("net.core.somaxconn", "", 4096);
  ExpectValue("net.core.netdev_max_backlog", "", 1000);
  ExpectValue("net.ipv4.tcp_fin_timeout", "", 60);
  ExpectValue("net.ipv4.neigh.*.gc_stale_time", "nct0", 60);
  ExpectValue("net.ipv6.conf.*.mtu", "nct0", 1400);
}

TEST_F(Sysctl, CountsTheKeyOfAModuleAlsoWhereAnybodyMayWriteIt) {
  SKIP_WITHOUT(Exists(kNet + "flag"), "no test module");
  EXPECT_EQ(WriteAs("writer", kNet + "flag", "5"), 0);
  EXPECT_EQ(WriteAs("writer", kNet + "flag", "5"), 0);
  const auto as_nobody = [] { return setuid(kNobody) ? errno : WriteFile(kNet + "flag", "0"); };
  EXPECT_EQ(ForkAs("nobody", as_nobody).status, 0);
  ExpectWrites({"net.flag"}, 2, 1);
  ExpectWrites({"net.flag", "", "", "nobody"}, 1, 1);
  ExpectValue("net.flag", "", 0);
}

// Such a key is the same in all namespaces, so it has none.
TEST_F(Sysctl, CountsAKeyOfTheWholeMachineWithoutNamespace) {
  SKIP_WITHOUT(Exists(kNet + "flag"), "no test module");
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncflag"}).status, 0);
  EXPECT_EQ(ExecuteIn("ncflag", {"sysctl", "-q", "-w", "net.flag=3"}).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncflag"}).status, 0);
  EXPECT_EQ(WriteAs("writer", kNet + "flag", "0"), 0);
  ExpectWrites({"net.flag", "", "", "sysctl"}, 1, 1);
  ExpectWrites({"net.flag"}, 1, 1);
}

TEST_F(Sysctl, TellsNamesApartThatAreTooLong) {
  const std::string name = "netchange_test_has_a_name_longer_than_that_of_any_other_known_";
  SKIP_WITHOUT(Exists(kNet + name + "1"), "no test module");
  for (const char* text : {"1", "1", "2"}) EXPECT_EQ(WriteAs("writer", kNet + name + "1", text), 0);
  for (const char* text : {"1", "0"}) EXPECT_EQ(WriteAs("writer", kNet + name + "2", text), 0);
  std::map<double, std::string> settings;  // by the number of writes
  const std::string prefix = "setting=\"net." + name.substr(0, 40);
  for (const auto& [series, value] : Scrape(port())) {
    const auto at = series.find(prefix);
    if (!series.starts_with("netchange_config_writes_total") || at == std::string::npos) continue;
    const auto begin = at + std::strlen("setting=\"");
    settings[value] = series.substr(begin, series.find('"', begin) - begin);
  }
  ASSERT_EQ(settings.size(), 2U);
  for (const auto& [writes, setting] : settings) {
    EXPECT_EQ(setting.size(), 63U) << setting;
    ExpectWrites({setting}, writes, 2);
  }
  EXPECT_NE(settings.begin()->second, settings.rbegin()->second);
}

// A list of ports is a bitmap in the kernel: what is written is compared, all of it.
TEST_F(Sysctl, ComparesTextThatIsLongerThanItsBuffer) {
  std::string ports;
  for (int port = 10001; port < 10101; port += 2)
    ports += (ports.empty() ? "" : ",") + std::to_string(port);
  std::string other = ports;
  other.back() = '8';  // far behind the first 64 bytes
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  for (const std::string& text : {ports, ports, other, other + "\n", std::string("\n")})
    EXPECT_EQ(WriteAs("writer", file, text), 0) << text;
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 5, 3);
}

// Of the same length and with the same beginning; with the differences where they are furthest
// apart in a word.
TEST_F(Sysctl, TellsTextsApartThatDifferInAFewDigits) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  for (const char* text : {"1000,2000,3000,6000,5004,6000", "1000,2010,3000,1000,5000,6000", "\n"})
    EXPECT_EQ(WriteAs("writer", file, text), 0) << text;
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 3, 3);
}

// --- what is refused --------------------

TEST_F(Sysctl, CountsAKeyThatNobodyMayWrite) {
  EXPECT_EQ(WriteAs("writer", kNet + "ipv4/tcp_available_congestion_control", "reno"), EACCES);
  ExpectRefusedEarly({"net.ipv4.tcp_available_congestion_control"}, "EACCES");
}

TEST_F(Sysctl, CountsAWriterWithoutRights) {
  const auto as_nobody = [] {
    return setuid(kNobody) ? 0 : WriteFile(kConf + "nct0/forwarding", "1");
  };
  EXPECT_EQ(ForkAs("writer", as_nobody).status, EACCES);
  ExpectRefusedEarly({"net.ipv4.conf.*.forwarding", "nct0"}, "EACCES");
}

// The file was opened with rights that are gone at the write.
TEST_F(Sysctl, CountsAWriterThatLostItsRights) {
  const auto write = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_WRONLY);
    if (fd < 0 || setuid(kNobody)) return 0;
    return ::write(fd, "1", 1) < 0 ? errno : 0;
  };
  EXPECT_EQ(ForkAs("writer", write).status, EPERM);
  ExpectRefusedEarly({"net.core.somaxconn"}, "EPERM");
}

TEST_F(Sysctl, CountsNothingWhenAFileIsOnlyOpenedOrAskedFor) {
  const auto look = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_RDWR);
    char text[16];
    if (fd < 0 || read(fd, text, sizeof(text)) <= 0) return 1;
    if (setuid(kNobody)) return 2;
    if (access((kNet + "core/somaxconn").c_str(), W_OK) == 0) return 3;
    return open((kNet + "core/nosuch").c_str(), O_WRONLY) < 0 ? 0 : 4;
  };
  EXPECT_EQ(ForkAs("reader", look).status, 0);
}

TEST_F(Sysctl, CountsNothingBesidesNet) {
  EXPECT_EQ(WriteAs("writer", "/proc/sys/kernel/panic", "0"), 0);
  EXPECT_EQ(WriteAs("writer", "/proc/sys/vm/swappiness", "61"), 0);
  EXPECT_EQ(WriteAs("writer", "/proc/sys/vm/swappiness", "60"), 0);
  const auto as_nobody = [] {
    return setuid(kNobody) ? 0 : WriteFile("/proc/sys/kernel/panic", "1");
  };
  EXPECT_EQ(ForkAs("writer", as_nobody).status, EACCES);
}

// --- how it is written --------------------

int WriteParts(const std::string& file, const std::vector<std::string>& parts) {
  const int fd = open(file.c_str(), O_WRONLY);
  for (const std::string& part : parts)
    if (write(fd, part.data(), part.size()) < 0) return errno;
  return fd < 0 ? errno : close(fd);
}

// The kernel takes the first part and ignores the others: kernel.sysctl_writes_strict.
TEST_F(Sysctl, KeepsTheValueOfTheFirstPartOfAWriteInSeveral) {
  const auto write = [] { return WriteParts(kConf + "nct0/rp_filter", {"2", "1", "\n"}); };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.rp_filter", "nct0"}, 3, 1);
  ExpectValue("net.ipv4.conf.*.rp_filter", "nct0", 2);
}

TEST_F(Sysctl, CountsAWriteOfNothing) {
  const auto write = [] { return WriteParts(kConf + "nct0/arp_ignore", {"1", ""}); };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.arp_ignore", "nct0"}, 2, 1);
  ExpectValue("net.ipv4.conf.*.arp_ignore", "nct0", 1);
}

TEST_F(Sysctl, CountsAWriteFromSeveralBuffers) {
  const auto write = [] {
    const int fd = open((kConf + "nct0/arp_announce").c_str(), O_WRONLY);
    char first[] = "0x", second[] = "2";
    const iovec vector[] = {{first, 2}, {second, 1}};
    return writev(fd, vector, 2) == 3 ? close(fd) : errno;
  };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.arp_announce", "nct0"}, 1, 1);
  ExpectValue("net.ipv4.conf.*.arp_announce", "nct0", 2);
}

TEST_F(Sysctl, CountsAWriteOfMemoryThatIsNotThere) {
  const auto write = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_WRONLY);
    iovec nowhere{reinterpret_cast<void*>(std::uintptr_t{8}), 4};
    return writev(fd, &nowhere, 1) < 0 ? errno : 0;
  };
  EXPECT_EQ(ForkAs("writer", write).status, EFAULT);
  ExpectRefusedEarly({"net.core.somaxconn"}, "EFAULT");
}

TEST_F(Sysctl, NamesADeviceWithDots) {
  ASSERT_EQ(Execute({"ip", "link", "set", "nct1", "name", "nct1.10.x"}).status, 0);
  ExpectLink("name", "nct1");
  EXPECT_EQ(WriteAs("writer", kConf + "nct1.10.x/forwarding", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kNet + "ipv6/neigh/nct1.10.x/app_solicit", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct1.10.x"}, 1, 1);
  ExpectWrites({"net.ipv6.neigh.*.app_solicit", "nct1.10.x"}, 1, 1);
}

// --- what an event says --------------------

using Json = nlohmann::json;

// The newest events of a setting, the newest first.
std::vector<Json> EventsOf(int port, const std::string& setting, std::size_t count) {
  std::vector<Json> found;
  for (int i = 0; i < 100 && found.size() < count; ++i) {
    found.clear();
    for (const Json& event : Json::parse(Get(port, "/changes"))) {
      if (event.value("setting", "") == setting && found.size() < count) found.push_back(event);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return found;
}

TEST_F(Sysctl, SaysWhichWritesReachEveryDevice) {
  const std::string conf = kNet + "ipv6/conf/";
  for (const char* file : {"all/forwarding", "default/forwarding"}) {
    for (const char* text : {"1", "1", "0"}) EXPECT_EQ(WriteAs("writer", conf + file, text), 0);
    ExpectWrites({"net.ipv6.conf.*.forwarding", std::string(file, std::strchr(file, '/'))}, 3, 2);
  }
  std::map<std::string, std::string> every;
  // The newest six are those of an earlier test, too, until all of these have arrived.
  for (int i = 0; i < 100 && every["all"].size() + every["default"].size() < 6; ++i) {
    every.clear();
    for (const Json& event : EventsOf(port(), "net.ipv6.conf.*.forwarding", 6))
      every[event["device"]] += event["every_device"] == "true" ? 'y' : 'n';
  }
  EXPECT_EQ(every["all"], "yny");
  EXPECT_EQ(every["default"], "nnn");
}

TEST_F(Sysctl, SaysWhatWasWrittenWhereTheKernelHasAnotherUnit) {
  for (const char* text : {"7201", "7200"})
    EXPECT_EQ(WriteAs("writer", kNet + "ipv4/tcp_keepalive_time", text), 0);
  for (const char* text : {"4096 16384 4194305", "4096 16384 4194304"})
    EXPECT_EQ(WriteAs("writer", kNet + "ipv4/tcp_wmem", text), 0);
  ExpectWrites({"net.ipv4.tcp_keepalive_time"}, 2, 2);
  ExpectWrites({"net.ipv4.tcp_wmem"}, 2, 2);
  const auto times = EventsOf(port(), "net.ipv4.tcp_keepalive_time", 2);
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0]["old"], "?");
  EXPECT_EQ(times[0]["new"], "7200");
  const auto vectors = EventsOf(port(), "net.ipv4.tcp_wmem", 2);
  ASSERT_EQ(vectors.size(), 2U);
  EXPECT_EQ(vectors[0]["old"], "4096 16384 4194305");
  EXPECT_EQ(vectors[0]["new"], "4096 16384 4194304");
  EXPECT_EQ(vectors[0]["changed"], "true");
}

// --- namespaces --------------------

TEST_F(Sysctl, CountsExactlyWhenFourNamespacesWriteAtOnce) {
  constexpr int kRounds = 150;
  const std::vector<std::string> spaces = {"ncw0", "ncw1", "ncw2", "ncw3"};
  const std::vector<std::pair<std::string, Write>> keys = {
      {"ipv4/conf/lo/rp_filter", {"net.ipv4.conf.*.rp_filter", "lo"}},
      {"ipv6/conf/all/accept_source_route", {"net.ipv6.conf.*.accept_source_route", "all"}},
      {"core/somaxconn", {"net.core.somaxconn"}},
      {"ipv4/ip_forward", {"net.ipv4.ip_forward"}},
  };
  for (const std::string& space : spaces)
    ASSERT_EQ(Execute({"ip", "netns", "add", space}).status, 0);
  const auto write_at_once = [&] {
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (const std::string& space : spaces) {
      threads.emplace_back([&, space] {
        failed += !EnterNetns(space);
        for (int i = 0; i < kRounds; ++i)
          for (const auto& [file, write] : keys)
            failed += WriteFile(kNet + file, i % 2 ? "0" : "1") != 0;
      });
    }
    for (auto& thread : threads) thread.join();
    return failed.load();
  };
  EXPECT_EQ(ForkAs("writer", write_at_once).status, 0);
  for (const std::string& space : spaces) {
    for (auto [file, write] : keys) {
      write.netns = space;
      ExpectWrites(write, kRounds, kRounds);
    }
  }
  Scrape(port());  // their names are looked up while they are there
  for (const std::string& space : spaces) Execute({"ip", "netns", "del", space});
}

TEST_F(Sysctl, CountsAFileInTheNamespaceWhereItWasOpened) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncold"}).status, 0);
  const auto write = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_WRONLY);
    if (fd < 0 || !EnterNetns("ncold")) return 1;
    return ::write(fd, "4097", 4) == 4 && ::pwrite(fd, "4096", 4, 0) == 4 ? 0 : errno;
  };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncold"}).status, 0);
  ExpectWrites({"net.core.somaxconn"}, 2, 2);
}

// Interfaces of containers are left out by default; what is done to them by other means is not.
TEST_F(Sysctl, LeavesOutTheInterfacesOfContainers) {
  const VethPair container("vethnc0", "calinc0");
  EXPECT_EQ(WriteAs("writer", kConf + "vethnc0/forwarding", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kNet + "ipv6/conf/calinc0/accept_ra", "0"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "nct0/forwarding", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 1, 1);
}

}  // namespace
}  // namespace netchange::test
