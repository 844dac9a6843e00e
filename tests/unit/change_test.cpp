// SPDX-License-Identifier: Apache-2.0
#include "events/change.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "collectors/value_text.h"
#include "support.h"

namespace netchange {
namespace {

using namespace std::string_literals;
using Field = std::pair<std::string, FieldValue>;
using Fields = std::vector<Field>;

path_parts Exe(std::string_view parts, bool incomplete = false) {
  path_parts exe{};
  exe.length = static_cast<__u16>(parts.size());
  exe.incomplete = incomplete;
  std::copy(parts.begin(), parts.end(), exe.parts);
  return exe;
}

TEST(PathText, PutsComponentsInTheirOrder) {
  EXPECT_EQ(PathText(Exe("ethtool\0sbin\0usr\0"s)), "/usr/sbin/ethtool");
  EXPECT_EQ(PathText(Exe("init\0"s)), "/init");
}

TEST(PathText, IsEmptyForAKernelThread) { EXPECT_EQ(PathText(path_parts{}), ""); }

TEST(PathText, MarksABeginningThatIsMissing) {
  EXPECT_EQ(PathText(Exe("tool\0deep\0"s, true)), "…/deep/tool");
  EXPECT_EQ(PathText(Exe("tool\0"s, true)), "…/tool");
}

TEST(PathText, MakesHostileBytesPrintable) {
  EXPECT_EQ(PathText(Exe("a\nb\0\x1b[2J\0\xff é\0"s)), "/\\xff é/\\x1b[2J/a\\x0ab");
}

TEST(PathText, ReadsALastComponentWithoutNul) { EXPECT_EQ(PathText(Exe("ip\0bin"s)), "/bin/ip"); }

TEST(PathText, ReadsWhatIsFullToTheLastByte) {
  path_parts exe{};
  std::fill(std::begin(exe.parts), std::end(exe.parts), 'x');
  exe.length = sizeof(exe.parts);
  EXPECT_EQ(PathText(exe), "/" + std::string(sizeof(exe.parts), 'x'));
}

TEST(PathText, ReadsNothingBehindTheEndWhateverTheLength) {
  path_parts exe{};
  std::fill(std::begin(exe.parts), std::end(exe.parts), 'x');
  exe.length = 65535;
  EXPECT_EQ(PathText(exe).size(), sizeof(exe.parts) + 1);
}

TEST(PathText, TakesNoMoreThanItsLength) {
  path_parts exe = Exe("ip\0bin\0old\0"s);
  exe.length = 7;
  EXPECT_EQ(PathText(exe), "/bin/ip");
}

// Members that every kind of event has.
event EventOf(collector of, std::uint16_t error = 0) {
  event e{};
  e.collector = of;
  e.time_ns = 5'000'000'123;
  e.duration_ns = 1500;
  e.pid = 4242;
  e.parent_pid = 4000;
  e.uid = 1000;
  e.error = error;
  e.device = Device("eth0");
  e.actor = Actor("ethtool", "bash");
  e.exe = Exe("ethtool\0sbin\0usr\0"s);
  return e;
}

Change Described(const event& e) {
  TestContext test;
  return DescribeEvent(e, test.context);
}

event EthtoolEvent(std::uint32_t command, ethtool_transport transport, std::uint16_t error = 0) {
  event e = EventOf(COLLECTOR_ETHTOOL, error);
  e.ethtool.command = command;
  e.ethtool.transport = transport;
  return e;
}

TEST(DescribeEvent, SaysWhoWhenAndWhere) {
  const Change change = Described(EthtoolEvent(0x42, ETHTOOL_TRANSPORT_IOCTL));
  EXPECT_EQ(change.time_ns, 1'700'000'005'000'000'123);
  EXPECT_EQ(change.duration_ns, 1500u);
  EXPECT_EQ(change.collector, "ethtool");
  EXPECT_EQ(change.device, "eth0");
  EXPECT_EQ(change.netns, "");
  EXPECT_EQ(change.pid, 4242u);
  EXPECT_EQ(change.process, "ethtool");
  EXPECT_EQ(change.parent_pid, 4000u);
  EXPECT_EQ(change.parent, "bash");
  EXPECT_EQ(change.uid, 1000u);
  EXPECT_EQ(change.exe, "/usr/sbin/ethtool");
  EXPECT_EQ(change.result, "ok");
}

TEST(DescribeEvent, NamesErrorAndNamespace) {
  event e = EthtoolEvent(0x42, ETHTOOL_TRANSPORT_IOCTL, 95);
  e.device = Device("veth0", 4026532001);
  const Change change = Described(e);
  EXPECT_EQ(change.result, "EOPNOTSUPP");
  EXPECT_EQ(change.netns, "4026532001");
}

TEST(DescribeEvent, MakesAllNamesPrintable) {
  event e = EthtoolEvent(0x42, ETHTOOL_TRANSPORT_IOCTL);
  e.device = Device("e\nh0");
  e.actor = Actor("a\x1b[2J", "\xff\"\\");
  const Change change = Described(e);
  EXPECT_EQ(change.device, "e\\x0ah0");
  EXPECT_EQ(change.process, "a\\x1b[2J");
  EXPECT_EQ(change.parent, "\\xff\"\\");
}

TEST(DescribeEvent, TakesAnUnknownKindWithoutAWord) {
  const Change change = Described(EventOf(COLLECTORS, 1));
  EXPECT_EQ(change.collector, "");
  EXPECT_EQ(change.description.what, "");
  EXPECT_EQ(change.pid, 4242u);
  EXPECT_EQ(change.result, "EPERM");
}

TEST(DescribeEthtool, NamesCommandAndOption) {
  const auto ioctl = Described(EthtoolEvent(0x43, ETHTOOL_TRANSPORT_IOCTL)).description;
  EXPECT_EQ(ioctl.what, "ETHTOOL_GMODULEEEPROM -m by ioctl");
  EXPECT_EQ(ioctl.change, "");
  EXPECT_EQ(ioctl.words, "-m, --module-info: read the transceiver's EEPROM");
  EXPECT_EQ(ioctl.fields, (Fields{{"command", "ETHTOOL_GMODULEEEPROM"},
                                  {"option", "-m"},
                                  {"options", "-m"},
                                  {"options_mean", ioctl.words},
                                  {"attributes", ""},
                                  {"access", "get"},
                                  {"transport", "ioctl"}}));
  const auto netlink = Described(EthtoolEvent(31, ETHTOOL_TRANSPORT_NETLINK)).description;
  EXPECT_EQ(netlink.what, "ETHTOOL_MSG_MODULE_EEPROM_GET -m by netlink");
}

TEST(DescribeEthtool, NamesTheAttributesOfASetOnly) {
  event set = EthtoolEvent(16, ETHTOOL_TRANSPORT_NETLINK);
  set.ethtool.attributes[0] = 1 << 1 | 1 << 6 | 1 << 9;
  const auto description = Described(set).description;
  EXPECT_EQ(description.what, "ETHTOOL_MSG_RINGS_SET -G (rx, tx) by netlink");
  EXPECT_EQ(description.fields[4], (Field("attributes", "rx, tx")));
  event get = EthtoolEvent(15, ETHTOOL_TRANSPORT_NETLINK);
  get.ethtool.attributes[0] = 1 << 1 | 1 << 2;
  EXPECT_EQ(Described(get).description.what, "ETHTOOL_MSG_RINGS_GET -g by netlink");
}

TEST(DescribeEthtool, WritesNoOptionWhereThereIsNone) {
  EXPECT_EQ(Described(EthtoolEvent(0x0a, ETHTOOL_TRANSPORT_IOCTL)).description.what,
            "ETHTOOL_GLINK by ioctl");
}

TEST(DescribeEthtool, WritesTheNumberOfAnUnknownCommand) {
  const auto description = Described(EthtoolEvent(4096, ETHTOOL_TRANSPORT_NETLINK)).description;
  EXPECT_EQ(description.what, "unknown_4096 by netlink");
  EXPECT_EQ(description.fields, (Fields{{"command", "unknown_4096"},
                                        {"option", ""},
                                        {"options", ""},
                                        {"options_mean", ""},
                                        {"attributes", ""},
                                        {"access", ""},
                                        {"transport", "netlink"}}));
}

TEST(DescribeEthtool, NamesOneOptionAndListsAll) {
  const auto description = Described(EthtoolEvent(3, ETHTOOL_TRANSPORT_IOCTL)).description;
  EXPECT_EQ(description.what, "ETHTOOL_GDRVINFO -i by ioctl");
  EXPECT_EQ(description.fields[1], (Field("option", "-i")));
  EXPECT_EQ(description.fields[2], (Field("options", "-d,-e,-E,-i")));
}

TEST(ContainerId, IsTheLastComponentOfSixtyFourDigits) {
  const std::string id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  EXPECT_EQ(ContainerId("/system.slice/docker-" + id + ".scope"), id);
  EXPECT_EQ(ContainerId("/docker/" + id), id);
  EXPECT_EQ(ContainerId("/kubepods/burstable/pod0f4bd3f5-5d5c-4a0e-9a3e-2c6d8a4f1e77/" + id), id);
  EXPECT_EQ(ContainerId("/system.slice/docker-" + id + ".scope/system.slice/a.service"), id);
  EXPECT_EQ(ContainerId("/a.slice:cri-containerd:" + id), id);
  EXPECT_EQ(ContainerId("/system.slice/telegraf.service"), "");
  EXPECT_EQ(ContainerId("/docker/" + id.substr(1)), "");
  EXPECT_EQ(ContainerId("/docker/" + id + "/docker/" + std::string(64, 'a')), id);
  EXPECT_EQ(ContainerId("/system.slice/docker-" + id + ".service"), "");
  EXPECT_EQ(ContainerId("/docker/" + id + "-x"), "");
  EXPECT_EQ(ContainerId(""), "");
}

TEST(DescribeEvent, NamesUnitCgroupContainerAndLogin) {
  event e = EthtoolEvent(3, ETHTOOL_TRANSPORT_IOCTL);
  e.actor = Actor("ethtool", "sh", "container");
  const std::string id(64, 'b');
  e.cgroup = Exe("docker-" + id + ".scope\0system.slice\0"s);
  e.loginuid = 1000;
  Change change = Described(e);
  EXPECT_EQ(change.unit, "container");
  EXPECT_EQ(change.cgroup, "/system.slice/docker-" + id + ".scope");
  EXPECT_EQ(change.container, id);
  EXPECT_EQ(change.loginuid, 1000U);
  e.loginuid = NO_LOGINUID;
  EXPECT_EQ(Described(e).loginuid, std::nullopt);
}

event XdpEvent(xdp_operation operation, xdp_mode_id mode) {
  event e = EventOf(COLLECTOR_XDP);
  e.xdp.operation = static_cast<__u8>(operation);
  e.xdp.mode = static_cast<__u8>(mode);
  return e;
}

TEST(DescribeXdp, NamesAnAttach) {
  event e = XdpEvent(XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE);
  e.xdp.after.id = 12;
  Fill(e.xdp.after.name, "pass");
  std::iota(std::begin(e.xdp.after.tag), std::end(e.xdp.after.tag), __u8{0xa0});
  const Change change = Described(e);
  EXPECT_EQ(change.collector, "xdp");
  EXPECT_EQ(change.description.message, "");
  EXPECT_EQ(change.description.what, "xdp attach native");
  EXPECT_EQ(change.description.change, "none → pass#12");
  EXPECT_EQ(change.description.fields, (Fields{{"operation", "attach"},
                                               {"mode", "native"},
                                               {"old_program", ""},
                                               {"old_program_id", ""},
                                               {"old_program_tag", ""},
                                               {"new_program", "pass"},
                                               {"new_program_id", std::int64_t{12}},
                                               {"new_program_tag", "a0a1a2a3a4a5a6a7"}}));
}

TEST(DescribeXdp, TellsTheKernelsMessage) {
  event e = XdpEvent(XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE);
  Fill(e.xdp.message, "veth: Peer MTU is too large\n");
  EXPECT_EQ(Described(e).description.message, "veth: Peer MTU is too large\\x0a");
}

TEST(DescribeXdp, NamesAReplaceAndADetach) {
  event e = XdpEvent(XDP_OPERATION_REPLACE, XDP_MODE_ID_GENERIC);
  e.xdp.before.id = 12;
  Fill(e.xdp.before.name, "pass");
  e.xdp.after.id = 13;
  Fill(e.xdp.after.name, "a_name_of_16_by");
  EXPECT_EQ(Described(e).description.what, "xdp replace generic");
  EXPECT_EQ(Described(e).description.change, "pass#12 → a_name_of_16_by#13");
  e.xdp.operation = XDP_OPERATION_DETACH;
  e.xdp.mode = XDP_MODE_ID_OFFLOAD;
  e.xdp.after = {};
  EXPECT_EQ(Described(e).description.what, "xdp detach offload");
  EXPECT_EQ(Described(e).description.change, "pass#12 → none");
}

TEST(DescribeXdp, MakesProgramNamesPrintableAndTakesOneWithoutAName) {
  event e = XdpEvent(XDP_OPERATION_ATTACH, XDP_MODE_ID_NATIVE);
  e.xdp.before.id = 1;
  e.xdp.after.id = 2;
  Fill(e.xdp.after.name, "0123456789\n\x1b\xff|}~");  // no NUL
  const auto description = Described(e).description;
  EXPECT_EQ(description.change, "#1 → 0123456789\\x0a\\x1b\\xff|}~#2");
  EXPECT_EQ(description.fields.at(5).second, FieldValue("0123456789\\x0a\\x1b\\xff|}~"));
}

TEST(DescribeXdp, SaysUnknownForUnknownNumbers) {
  event e = XdpEvent(static_cast<xdp_operation>(0), static_cast<xdp_mode_id>(77));
  EXPECT_EQ(Described(e).description.what, "xdp unknown unknown");
}

setting_value TextDatum(std::string_view text) {
  setting_value value{};
  value.type = VALUE_TEXT;
  value.size = static_cast<__u32>(text.size());
  text.copy(reinterpret_cast<char*>(value.bytes), sizeof(value.bytes));
  return value;
}

setting_value IntegerDatum(std::int64_t number) {
  setting_value value = TextDatum({reinterpret_cast<const char*>(&number), sizeof(number)});
  value.type = VALUE_INTEGER;
  return value;
}

event ConfigEvent(std::string_view setting, std::string_view written, unsigned flags,
                  std::uint16_t error = 0) {
  event e = EventOf(COLLECTOR_SYSCTL, error);
  e.config.kind = CONFIG_KIND_SYSCTL;
  e.config.flags = static_cast<__u8>(flags);
  Fill(e.config.setting, setting);
  e.config.written = TextDatum(written);
  return e;
}

TEST(DescribeConfigWrite, SaysOldAndNewValue) {
  event e = ConfigEvent("net.ipv4.conf.*.rp_filter", "2", CONFIG_EVENT_CHANGED);
  e.config.old_value = IntegerDatum(-1);
  e.config.new_value = IntegerDatum(2);
  const Change change = Described(e);
  EXPECT_EQ(change.collector, "sysctl");
  EXPECT_EQ(change.description.what, "net.ipv4.conf.*.rp_filter");
  EXPECT_EQ(change.description.change, "-1 → 2");
  EXPECT_EQ(change.description.fields, (Fields{{"kind", "sysctl"},
                                               {"setting", "net.ipv4.conf.*.rp_filter"},
                                               {"queue", ""},
                                               {"irq", ""},
                                               {"action", ""},
                                               {"old", std::int64_t{-1}},
                                               {"new", std::int64_t{2}},
                                               {"changed", true},
                                               {"every_device", false}}));
}

TEST(DescribeConfigWrite, NamesQueueAndInterrupt) {
  event e = ConfigEvent("rps_cpus", "3", CONFIG_EVENT_CHANGED);
  e.config.kind = CONFIG_KIND_RPS;
  Fill(e.config.object, "rx-0");
  EXPECT_EQ(Described(e).description.what, "rps_cpus rx-0");
  EXPECT_EQ(Described(e).description.change, "? → 3");
  EXPECT_EQ(Described(e).description.fields.at(2).second, FieldValue("rx-0"));
  e.config.kind = CONFIG_KIND_IRQ_AFFINITY;
  Fill(e.config.setting, "smp_affinity");
  Fill(e.config.object, "24");
  Fill(e.config.detail, "eth1-rx-0");
  EXPECT_EQ(Described(e).description.what, "smp_affinity 24 eth1-rx-0");
  EXPECT_EQ(Described(e).description.fields.at(2).second, FieldValue(""));
  EXPECT_EQ(Described(e).description.fields.at(3).second, FieldValue("24"));
}

TEST(DescribeEvent, FindsTheDeviceOfAnInterrupt) {
  event e = EventOf(COLLECTOR_IRQ);
  e.device = {};
  e.config.kind = CONFIG_KIND_IRQ_AFFINITY;
  Fill(e.config.object, "24");
  TestContext test;
  std::filesystem::create_directories(test.no_names.path() + "/eth9/device");
  std::ofstream(test.no_names.path() + "/eth9/device/irq") << "24\n";
  const Change change = DescribeEvent(e, test.context);
  EXPECT_EQ(change.collector, "irq");
  EXPECT_EQ(change.device, "eth9");
  EXPECT_EQ(change.netns, "");
}

TEST(DescribeConfigWrite, NamesTheFlagsOfALink) {
  event e = EventOf(COLLECTOR_LINK, 0);
  e.config.kind = CONFIG_KIND_LINK;
  e.config.flags = CONFIG_EVENT_CHANGED;
  Fill(e.config.setting, "flags");
  e.config.old_value = IntegerDatum(0x1002);
  e.config.new_value = IntegerDatum(0x1003);
  EXPECT_EQ(Described(e).collector, "link");
  EXPECT_EQ(Described(e).description.change, "BROADCAST,MULTICAST → UP,BROADCAST,MULTICAST");
  EXPECT_EQ(Described(e).description.fields.at(6).second, FieldValue("UP,BROADCAST,MULTICAST"));
  Fill(e.config.setting, "mtu");
  EXPECT_EQ(Described(e).description.change, "4098 → 4099");
}

TEST(DescribeConfigWrite, SaysThatNothingChanged) {
  event e = ConfigEvent("net.ipv4.ip_forward", "1", 0);
  e.config.old_value = e.config.new_value = IntegerDatum(1);
  const auto description = Described(e).description;
  EXPECT_EQ(description.change, "1 → 1 (unchanged)");
  EXPECT_EQ(description.fields.at(7), (Field("changed", false)));
}

TEST(DescribeConfigWrite, SaysThatEveryDeviceChanged) {
  event e =
      ConfigEvent("net.ipv4.ip_forward", "1", CONFIG_EVENT_CHANGED | CONFIG_EVENT_EVERY_DEVICE);
  e.config.old_value = IntegerDatum(0);
  e.config.new_value = IntegerDatum(1);
  const auto description = Described(e).description;
  EXPECT_EQ(description.change, "0 → 1 (changes every device of the namespace)");
  EXPECT_EQ(description.fields.at(8), (Field("every_device", true)));
}

TEST(DescribeConfigWrite, QuotesWhatWasRefused) {
  event e = ConfigEvent("net.ipv4.ip_forward", "a \x1b[2J\xff", 0, 22);
  e.config.old_value = e.config.new_value = IntegerDatum(1);
  const Change change = Described(e);
  EXPECT_EQ(change.result, "EINVAL");
  EXPECT_EQ(change.description.change, "1 → \"a \\x1b[2J\\xff\"");
  EXPECT_EQ(change.description.fields.at(6).second, FieldValue("a \\x1b[2J\\xff"));
}

TEST(ValueText, WritesEachTypeAsTheKernelDoes) {
  EXPECT_EQ(ValueText(setting_value{}), "?");
  EXPECT_EQ(ValueText(IntegerDatum(-5)), "-5");
  EXPECT_EQ(ValueText(TextDatum("cu\nbic")), "cu\\x0abic");
  const auto typed = [](value_type type, std::string_view bytes) {
    setting_value value = TextDatum(bytes);
    value.type = static_cast<__u8>(type);
    return ValueText(value);
  };
  EXPECT_EQ(typed(VALUE_INTS, "\x01\0\0\0\xff\xff\xff\xff"s), "1 -1");
  EXPECT_EQ(typed(VALUE_LONGS, "\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"s), "1 2");
  EXPECT_EQ(typed(VALUE_MASK, "\x03\0\0\0\0\0\0\0"s), "3");
  EXPECT_EQ(typed(VALUE_MASK, "\x01\0\0\0\xff\0\0\0"s), "ff,00000001");
  EXPECT_EQ(typed(VALUE_MASK, "\0"s), "0");
  EXPECT_EQ(typed(VALUE_ADDRESS, "\x02\0\0\0\xab\x01"s), "02:00:00:00:ab:01");
}

TEST(ValueText, MarksWhatIsCutAndReadsNothingBehindTheEnd) {
  const std::string longer(SETTING_VALUE_SIZE + 1, '7');
  EXPECT_EQ(ValueText(TextDatum(longer)), std::string(SETTING_VALUE_SIZE, '7') + "…");
  setting_value value = TextDatum(longer);
  value.size = 0xffffffff;
  EXPECT_EQ(ValueText(value), std::string(SETTING_VALUE_SIZE, '7') + "…");
}

}  // namespace
}  // namespace netchange
