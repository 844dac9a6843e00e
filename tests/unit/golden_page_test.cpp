// SPDX-License-Identifier: Apache-2.0
// The whole page of fixed entries, byte by byte. After an intended change, run with
// UPDATE_GOLDEN=1, which writes the file, and review its diff.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "collectors/self_metrics.h"
#include "rendering.h"
#include "support.h"

namespace netchange {
namespace {

constexpr std::uint32_t kOtherNetns = 4026532001;
constexpr std::uint64_t kMillisecond = 1'000'000;
const actor kShell = Actor("ethtool", "bash", "session.scope");

ethtool_key Ethtool(const device_ref& device, const actor& who, std::uint32_t command,
                    ethtool_transport transport, std::uint16_t error = 0) {
  return {device, who, command, error, static_cast<__u8>(transport), 0};
}

Entries<ethtool_key, ethtool_counters> EthtoolEntries() {
  constexpr auto kIoctl = ETHTOOL_TRANSPORT_IOCTL;
  constexpr auto kNetlink = ETHTOOL_TRANSPORT_NETLINK;
  const device_ref eth0 = Device("eth0");
  return {
      // one command with three results: one series of all, and two of errors
      {Ethtool(eth0, kShell, 0x43, kIoctl), {{5, 1000 * kMillisecond}, {2, 900 * kMillisecond}}},
      {Ethtool(eth0, kShell, 0x43, kIoctl, 95), {{2, 3500 * kMillisecond}, {}}},
      {Ethtool(eth0, kShell, 0x43, kIoctl, 1), {{1, 2000 * kMillisecond}, {}}},
      {Ethtool(eth0, kShell, 31, kNetlink), {{1, 4001 * kMillisecond}, {}}},
      // no option sends it
      {Ethtool(eth0, Actor("NetworkManager", "systemd"), 0x0a, kIoctl),
       {{1234567, 5000 * kMillisecond}, {}}},
      // numbers that the tables do not have
      {Ethtool(eth0, kShell, 999, kIoctl, 95), {{1, 6000 * kMillisecond}, {}}},
      {Ethtool(eth0, kShell, 250, kNetlink, 524), {{1, 7000 * kMillisecond}, {}}},
      {Ethtool(eth0, kShell, 0x43, static_cast<ethtool_transport>(9), 41),
       {{1, 8000 * kMillisecond}, {}}},
      // a dump of all devices, in another namespace
      {Ethtool(Device("*", kOtherNetns), kShell, 2, kNetlink), {{3, 9000 * kMillisecond}, {}}},
      // no device, a namespace that could not be read, no parent
      {Ethtool(Device("", 0), Actor("init", ""), 0x03, kIoctl, 19),
       {{1, 10000 * kMillisecond}, {}}},
      {Ethtool(eth0, Actor("kworker", "kthreadd"), 0x0a, kIoctl), {{7, 11000 * kMillisecond}, {}}},
      // names with harmful bytes
      {Ethtool(Device("e\"h\\0"), Actor("a\nb\x1b[2J", "\xff\xfe é", "u\"\\\n"), 0x43, kIoctl),
       {{1, 12000 * kMillisecond}, {}}},
      {Ethtool(Device("sixteen_bytes_if"), Actor("sixteen_bytes_co", "sixteen_bytes_pa"), 0x43,
               kIoctl),
       {{1, 13000 * kMillisecond}, {}}},
  };
}

Entries<ethtool_duration_key, duration_histogram> DurationEntries() {
  const auto key = [](const device_ref& device, std::uint32_t command, int transport) {
    return ethtool_duration_key{device, command, static_cast<__u8>(transport), 0, {}};
  };
  return {
      {key(Device("eth0"), 0x43, ETHTOOL_TRANSPORT_IOCTL), {1'234'567'890, {3, 2, 1, 0, 1, 0, 0}}},
      {key(Device("e\"h\n0", kOtherNetns), 999, ETHTOOL_TRANSPORT_NETLINK),
       {60'000'000'000, {0, 0, 0, 0, 0, 0, 2}}},
  };
}

xdp_key Xdp(const actor& who, int operation, int mode, std::string_view program,
            std::uint16_t error = 0, const device_ref& device = Device("eth0")) {
  xdp_key key{device, who, {}, error, static_cast<__u8>(operation), static_cast<__u8>(mode)};
  Fill(key.program, program);
  return key;
}

Entries<xdp_key, counter> XdpEntries() {
  const actor ip = Actor("ip", "bash");
  return {
      {Xdp(ip, XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE, "xdp_pass"), {2, 100 * kMillisecond}},
      {Xdp(ip, XDP_OPERATION_REPLACE, XDP_MODE_ID_GENERIC, "xdp_drop"), {1, 200 * kMillisecond}},
      {Xdp(ip, XDP_OPERATION_DETACH, XDP_MODE_ID_OFFLOAD, "xdp_drop"), {1, 300 * kMillisecond}},
      {Xdp(ip, XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE, "xdp_pass", 95), {3, 400 * kMillisecond}},
      {Xdp(ip, XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE, "xdp_pass", 16), {4, 500 * kMillisecond}},
      {Xdp(ip, 77, 0, "xdp_pass"), {1, 600 * kMillisecond}},
      {Xdp(Actor("a\nb", ""), XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE, "p\"\\\n\xff\x1b", 0,
           Device("veth0", kOtherNetns)),
       {1, 700 * kMillisecond}},
      {Xdp(ip, XDP_OPERATION_DETACH, XDP_MODE_ID_NATIVE, "", 2), {1, 800 * kMillisecond}},
  };
}

std::vector<AttachedProgram> Attached() {
  AttachedProgram plain{Device("eth0"), {7, {}, {1, 2, 3, 4, 5, 6, 7, 0xff}}, XDP_MODE_ID_NATIVE};
  Fill(plain.program.name, "xdp_pass");
  AttachedProgram hostile{Device("e\"h\n0", kOtherNetns), {8, {}, {}}, XDP_MODE_ID_GENERIC};
  Fill(hostile.program.name, "p\"\\\n\xff\x1b");
  return {plain, hostile};
}

config_write_key Write(const device_ref& device, const actor& who, std::string_view setting,
                       std::uint16_t error = 0, int kind = CONFIG_KIND_SYSCTL,
                       std::string_view object = "") {
  config_write_key key{device, who, {}, {}, error, static_cast<__u8>(kind), 0};
  Fill(key.setting, setting);
  Fill(key.object, object);
  return key;
}

Entries<config_write_key, config_write_counters> WriteEntries() {
  const actor who = Actor("sysctl", "systemd");
  const device_ref none = Device("");
  return {
      {Write(Device("all"), who, "net.ipv4.conf.*.forwarding"),
       {{5, 900 * kMillisecond}, {2, 700 * kMillisecond}, {}}},
      {Write(Device("all"), who, "net.ipv4.conf.*.forwarding", 22),
       {{3, 950 * kMillisecond}, {}, {}}},
      {Write(Device("default"), who, "net.ipv4.conf.*.forwarding"),
       {{1, 100 * kMillisecond}, {}, {}}},
      {Write(Device("eth0", kOtherNetns), who, "net.ipv4.conf.*.rp_filter"),
       {{1, 200 * kMillisecond}, {1, 200 * kMillisecond}, {}}},
      {Write(none, who, "net.ipv4.ip_forward"),
       {{2, 300 * kMillisecond}, {1, 250 * kMillisecond}, {}}},
      {Write(none, Actor("tee", ""), "net.\"a\\\n\xff\x1b", 1), {{1, 400 * kMillisecond}, {}, {}}},
      {Write(none, who, "net.ipv4.ip_forward", 0, 200), {{1, 500 * kMillisecond}, {}, {}}},
      {Write(Device("eth0"), who, "rps_cpus", 0, CONFIG_KIND_RPS, "rx-0"),
       {{2, 600 * kMillisecond}, {1, 550 * kMillisecond}, {}}},
      {Write(Device("eth0"), who, "xps_cpus", 1, CONFIG_KIND_XPS, "tx-1"),
       {{1, 700 * kMillisecond}, {}, {}}},
      {Write(Device("", 0), Actor("irqbalance", "systemd"), "smp_affinity", 0,
             CONFIG_KIND_IRQ_AFFINITY, "24"),
       {{4, 800 * kMillisecond}, {3, 800 * kMillisecond}, {}}},
  };
}

config_value_key ValueOf(const device_ref& device, std::string_view setting) {
  config_value_key key{device, {}, {}, CONFIG_KIND_SYSCTL, {}};
  Fill(key.setting, setting);
  return key;
}

Entries<config_value_key, config_value> ValueEntries() {
  return {
      {ValueOf(Device("all"), "net.ipv4.conf.*.forwarding"), TextValue("1")},
      {ValueOf(Device("eth0", kOtherNetns), "net.ipv4.conf.*.rp_filter"), TextValue("-1")},
      {ValueOf(Device(""), "net.ipv4.ip_forward"), TextValue("2147483647")},
  };
}

std::string Page() {
  TestContext test;
  MetricsPage page;
  Scrape scrape{test.context, page};
  // Rendered in another order than on the page.
  RenderXdp(XdpEntries(), test.context, page);
  RenderXdpAttached(Attached(), test.context, page);
  for (const CollectorSpec* spec : AllCollectors()) {
    AddCollectorMetrics({spec, Error{"not permitted"}}, {0.25, false, 0}, scrape);
  }
  RenderConfigWrites(WriteEntries(), ValueEntries(), test.context, page);
  RenderEthtool(EthtoolEntries(), DurationEntries(), test.context, page);
  return Written(page);
}

TEST(GoldenPage, IsTheSameByteByByte) {
  const std::string file = TEST_DATA_DIR "/metrics.txt";
  const std::string page = Page();
  if (const char* update = getenv("UPDATE_GOLDEN"); update && std::string(update) == "1") {
    ASSERT_TRUE(std::ofstream(file, std::ios::binary) << page) << file;
    FAIL() << "wrote " << file << ": review its diff, then run the test without UPDATE_GOLDEN";
  }
  EXPECT_EQ(page, Contents(file)) << "if this is wanted: UPDATE_GOLDEN=1";
}

TEST(GoldenPage, DoesNotDependOnTheOrderOfEntries) {
  TestContext test;
  MetricsPage forward, backward;
  auto entries = EthtoolEntries();
  RenderEthtool(entries, DurationEntries(), test.context, forward);
  std::reverse(entries.begin(), entries.end());
  RenderEthtool(entries, DurationEntries(), test.context, backward);
  EXPECT_EQ(Written(forward), Written(backward));
}

}  // namespace
}  // namespace netchange
