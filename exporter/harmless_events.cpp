// SPDX-License-Identifier: Apache-2.0
#include "harmless_events.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <memory>

#include "kernel/empty_xdp.h"

namespace netchange {
namespace {

constexpr char kDevice[] = "nccheck0", kPeer[] = "nccheck1", kProgram[] = "netchange_check";
constexpr int kMtu = 1400;
constexpr std::size_t kLongestAnswer = 512;

using Socket = std::unique_ptr<nl_sock, decltype(&nl_socket_free)>;
using Message = std::unique_ptr<nl_msg, decltype(&nlmsg_free)>;

Status Failed(const std::string& what) { return SystemError(what, errno); }

// Sends the message and waits for the kernel's acknowledgement.
Status Send(const Socket& socket, const Message& message, const std::string& what) {
  const int sent = nl_send_auto(socket.get(), message.get());
  const int error = sent < 0 ? sent : nl_wait_for_ack(socket.get());
  if (error < 0) return Error{what + ": " + nl_geterror(error)};
  return {};
}

Status MakeVeth() {
  const Socket socket(nl_socket_alloc(), nl_socket_free);
  const Message message(nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL), nlmsg_free);
  if (!socket || !message || nl_connect(socket.get(), NETLINK_ROUTE))
    return Error{"no netlink socket"};
  ifinfomsg link{};
  nlmsg_append(message.get(), &link, sizeof(link), NLMSG_ALIGNTO);
  nla_put_string(message.get(), IFLA_IFNAME, kDevice);
  nlattr* info = nla_nest_start(message.get(), IFLA_LINKINFO);
  nla_put_string(message.get(), IFLA_INFO_KIND, "veth");
  nlattr* data = nla_nest_start(message.get(), IFLA_INFO_DATA);
  nlattr* peer = nla_nest_start(message.get(), VETH_INFO_PEER);
  nlmsg_append(message.get(), &link, sizeof(link), NLMSG_ALIGNTO);
  nla_put_string(message.get(), IFLA_IFNAME, kPeer);
  for (nlattr* nest : {peer, data, info}) nla_nest_end(message.get(), nest);
  return Send(socket, message, "make a veth device");
}

// Everything ends with this process.
Status EnterNamespaces() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS)) return Failed("make a network namespace");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) ||
      mount("sysfs", "/sys", "sysfs", 0, nullptr))
    return Failed("mount sysfs");
  return MakeVeth();
}

// An ioctl on the device; `data` and `number` are alternatives.
Status DeviceIoctl(unsigned long request, void* data, int number) {
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq argument{};
  std::memcpy(argument.ifr_name, kDevice, sizeof(kDevice));
  if (data) {
    argument.ifr_data = static_cast<char*>(data);
  } else {
    argument.ifr_mtu = number;
  }
  if (!fd || ioctl(fd.get(), request, &argument)) return Failed("ioctl");
  return {};
}

Status GetDriver() {
  ethtool_drvinfo driver{};
  driver.cmd = ETHTOOL_GDRVINFO;
  return DeviceIoctl(SIOCETHTOOL, &driver, 0);
}

Status SetMtu() { return DeviceIoctl(SIOCSIFMTU, nullptr, kMtu); }

Status GetLinkState() {
  const Socket socket(nl_socket_alloc(), nl_socket_free);
  const Message message(nlmsg_alloc(), nlmsg_free);
  if (!socket || !message || genl_connect(socket.get())) return Error{"no netlink socket"};
  const int family = genl_ctrl_resolve(socket.get(), ETHTOOL_GENL_NAME);
  if (family < 0) return Error{"this kernel has no ethtool by netlink"};
  genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK,
              ETHTOOL_MSG_LINKSTATE_GET, ETHTOOL_GENL_VERSION);
  nlattr* header = nla_nest_start(message.get(), ETHTOOL_A_LINKSTATE_HEADER);
  nla_put_string(message.get(), ETHTOOL_A_HEADER_DEV_NAME, kDevice);
  nla_nest_end(message.get(), header);
  return Send(socket, message, "ETHTOOL_MSG_LINKSTATE_GET");
}

// Writes what the file has.
Status Rewrite(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  std::array<char, 4096> text{};
  if (!fd) return Failed("open " + path);
  const ssize_t size = read(fd.get(), text.data(), text.size());
  if (size < 0 || lseek(fd.get(), 0, SEEK_SET) < 0) return Failed("read " + path);
  if (write(fd.get(), text.data(), static_cast<std::size_t>(size)) != size)
    return Failed("write " + path);
  return {};
}

Status RewriteSysctl() {
  return Rewrite("/proc/sys/net/ipv4/conf/" + std::string(kDevice) + "/rp_filter");
}
Status RewriteRps() {
  return Rewrite("/sys/class/net/" + std::string(kDevice) + "/queues/rx-0/rps_cpus");
}
Status RewriteIrq() { return Rewrite("/proc/irq/default_smp_affinity"); }

Status Attach() { return AttachEmptyXdp(kDevice, kProgram); }
Status Detach() { return DetachXdp(kDevice); }

constexpr const char kCommands[] = "netchange_ethtool_commands_total";
constexpr const char kWrites[] = "netchange_config_writes_total";
constexpr const char kChanges[] = "netchange_xdp_changes_total";

LabelValues OfXdp(const char* operation) {
  return {
      {"device", kDevice}, {"operation", operation}, {"mode", "generic"}, {"program", kProgram}};
}

// The functions are in the order of HarmlessEvents().
constexpr Status (*kMake[])() = {GetDriver,  GetLinkState,  RewriteIrq, SetMtu,
                                 RewriteRps, RewriteSysctl, Attach,     Detach};

std::string AnswerOf(const Status& made) {
  std::string answer = made ? "+" : "-" + made.error().message;
  answer.resize(std::min(answer.size(), kLongestAnswer));
  return answer;
}

// The process: waits for one message, which has a byte for each event, makes the events, and waits
// for the end. An interrupt is in no namespace, so that its event does not need one.
[[noreturn]] void RunMaker(int socket, pid_t parent) {
  std::array<char, std::size(kMake)> wanted{};
  prctl(PR_SET_NAME, kProgram);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent || recv(socket, wanted.data(), wanted.size(), 0) <= 0) _exit(1);
  const Status entered = EnterNamespaces();
  for (std::size_t i = 0; i < std::size(kMake); ++i) {
    const bool possible = entered || kMake[i] == RewriteIrq;
    const std::string answer = !wanted[i] ? "+" : AnswerOf(possible ? kMake[i]() : entered);
    send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  while (recv(socket, wanted.data(), wanted.size(), 0) > 0) {
  }
  _exit(0);
}

}  // namespace

std::span<const HarmlessEvent> HarmlessEvents() {
  static const HarmlessEvent events[] = {
      {"ethtool",
       "ETHTOOL_GDRVINFO by ioctl",
       kCommands,
       {{"device", kDevice}, {"command", "ETHTOOL_GDRVINFO"}, {"transport", "ioctl"}}},
      {"ethtool",
       "ETHTOOL_MSG_LINKSTATE_GET by netlink",
       kCommands,
       {{"device", kDevice}, {"command", "ETHTOOL_MSG_LINKSTATE_GET"}, {"transport", "netlink"}}},
      {"irq",
       "default_smp_affinity, rewritten",
       kWrites,
       {{"kind", "irq_affinity"}, {"setting", "default_smp_affinity"}}},
      {"link",
       "MTU of a veth",
       kWrites,
       {{"device", kDevice}, {"kind", "link"}, {"setting", "mtu"}}},
      {"queues",
       "rps_cpus, rewritten",
       kWrites,
       {{"device", kDevice}, {"kind", "rps"}, {"setting", "rps_cpus"}, {"queue", "rx-0"}}},
      {"sysctl",
       "net.ipv4.conf.*.rp_filter, rewritten",
       kWrites,
       {{"device", kDevice}, {"kind", "sysctl"}, {"setting", "net.ipv4.conf.*.rp_filter"}}},
      {"xdp", "attach to a veth", kChanges, OfXdp("attach")},
      {"xdp", "detach from it", kChanges, OfXdp("detach")},
  };
  static_assert(std::size(events) == std::size(kMake));
  return events;
}

Result<EventMaker> EventMaker::Start() {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
    return SystemError("make a socket", errno);
  Fd ours(sockets[0]), theirs(sockets[1]);
  const pid_t parent = getpid(), child = fork();
  if (child < 0) return SystemError("start a process", errno);
  if (!child) {
    ours = Fd();
    RunMaker(theirs.get(), parent);
  }
  return EventMaker(child, std::move(ours));
}

EventMaker::EventMaker(EventMaker&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), socket_(std::move(other.socket_)) {}

EventMaker::~EventMaker() {
  if (!pid_) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::vector<std::string> EventMaker::Make(const std::vector<bool>& wanted) {
  std::vector<std::string> failures;
  const std::string message(wanted.begin(), wanted.end());
  send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
  for (std::size_t i = 0; i < HarmlessEvents().size(); ++i) {
    std::string answer(kLongestAnswer, '\0');
    const ssize_t size = recv(socket_.get(), answer.data(), answer.size(), 0);
    answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    failures.push_back(answer.empty() ? "the process that makes the events ended"
                                      : answer.substr(1));
  }
  return failures;
}

std::string EventMaker::Netns() const {
  struct stat about {};
  const std::string path = "/proc/" + std::to_string(pid_) + "/ns/net";
  return stat(path.c_str(), &about) ? "" : std::to_string(about.st_ino);
}

}  // namespace netchange
