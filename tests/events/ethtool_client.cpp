// SPDX-License-Identifier: Apache-2.0
#include "ethtool_client.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

namespace netchange::test {

int EthtoolIoctl(const std::string& device, std::uint32_t command, std::uint32_t second) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::uint32_t structure[256] = {command,
                                  second};  // larger than any answer to the tests' requests
  ifreq request{};
  std::memcpy(request.ifr_name, device.data(), std::min<std::size_t>(device.size(), IFNAMSIZ - 1));
  request.ifr_data = reinterpret_cast<char*>(structure);
  const int error = ioctl(fd, SIOCETHTOOL, &request) ? errno : 0;
  close(fd);
  return error;
}

namespace {

// The end of a request: an acknowledgement, the end of a dump, or an error with the kernel's own
// number, which libnl would map to its own.
struct Answer {
  bool ended = false;
  int error = 0;
  int bytes = 0;
};

int TakeError(sockaddr_nl*, nlmsgerr* message, void* answer) {
  *static_cast<Answer*>(answer) = {true, -message->error, 0};
  return NL_STOP;
}

int TakeEnd(nl_msg*, void* answer) {
  static_cast<Answer*>(answer)->ended = true;
  return NL_STOP;
}

int TakeMessage(nl_msg* message, void* answer) {
  static_cast<Answer*>(answer)->bytes += static_cast<int>(nlmsg_hdr(message)->nlmsg_len);
  return NL_OK;
}

// The commands that the family lists for itself.
int TakeOperations(nl_msg* message, void* commands) {
  nlattr* attributes[CTRL_ATTR_MAX + 1];
  nlattr* operation;
  int rest;
  if (genlmsg_parse(nlmsg_hdr(message), 0, attributes, CTRL_ATTR_MAX, nullptr) ||
      !attributes[CTRL_ATTR_OPS])
    return NL_OK;
  nla_for_each_nested(operation, attributes[CTRL_ATTR_OPS], rest) {
    nlattr* fields[CTRL_ATTR_OP_MAX + 1];
    if (nla_parse_nested(fields, CTRL_ATTR_OP_MAX, operation, nullptr) == 0 &&
        fields[CTRL_ATTR_OP_ID])
      static_cast<std::set<std::uint32_t>*>(commands)->insert(nla_get_u32(fields[CTRL_ATTR_OP_ID]));
  }
  return NL_OK;
}

std::set<std::uint32_t> ReadCommands() {
  std::set<std::uint32_t> commands;
  const std::unique_ptr<nl_sock, void (*)(nl_sock*)> socket(nl_socket_alloc(), nl_socket_free);
  const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> message(nlmsg_alloc(), nlmsg_free);
  if (genl_connect(socket.get())) return commands;
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, TakeOperations, &commands);
  genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, 0, CTRL_CMD_GETFAMILY, 1);
  nla_put_string(message.get(), CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME);
  if (nl_send_auto(socket.get(), message.get()) >= 0) nl_recvmsgs_default(socket.get());
  return commands;
}

void AddHeader(nl_msg* message, const NetlinkDevice& device) {
  nlattr* header = nla_nest_start(message, 1 | NLA_F_NESTED);  // ETHTOOL_A_*_HEADER
  if (device.index) nla_put_u32(message, ETHTOOL_A_HEADER_DEV_INDEX, device.index);
  if (!device.name.empty()) nla_put_string(message, ETHTOOL_A_HEADER_DEV_NAME, device.name.c_str());
  nla_nest_end_keep_empty(message, header);  // a dump has a header without a device
}

}  // namespace

EthtoolNetlinkClient::EthtoolNetlinkClient() : socket_(nl_socket_alloc(), nl_socket_free) {
  if (genl_connect(socket_.get())) return;
  family_ = genl_ctrl_resolve(socket_.get(), ETHTOOL_GENL_NAME);
  nl_socket_disable_seq_check(socket_.get());
}

int EthtoolNetlinkClient::Request(std::uint8_t command, const NetlinkDevice& device, int flags) {
  if (family_ <= 0) return ENOTSUP;
  const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> message(nlmsg_alloc(), nlmsg_free);
  genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family_, 0, flags | NLM_F_ACK, command,
              ETHTOOL_GENL_VERSION);
  AddHeader(message.get(), device);
  Answer answer;
  nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, TakeMessage, &answer);
  nl_socket_modify_cb(socket_.get(), NL_CB_ACK, NL_CB_CUSTOM, TakeEnd, &answer);
  nl_socket_modify_cb(socket_.get(), NL_CB_FINISH, NL_CB_CUSTOM, TakeEnd, &answer);
  nl_socket_modify_err_cb(socket_.get(), NL_CB_CUSTOM, TakeError, &answer);
  if (nl_send_auto(socket_.get(), message.get()) < 0) return errno;
  while (!answer.ended && nl_recvmsgs_default(socket_.get()) >= 0) {
  }
  bytes_ = answer.bytes;
  return answer.error;
}

RawEthtoolSocket::RawEthtoolSocket()
    : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC)) {
  const std::unique_ptr<nl_sock, void (*)(nl_sock*)> resolver(nl_socket_alloc(), nl_socket_free);
  const int family =
      genl_connect(resolver.get()) ? 0 : genl_ctrl_resolve(resolver.get(), ETHTOOL_GENL_NAME);
  family_ = family > 0 ? static_cast<std::uint16_t>(family) : 0;
}

RawEthtoolSocket::~RawEthtoolSocket() { close(fd_); }

std::string RawEthtoolSocket::Message(std::uint8_t command, const std::string& device,
                                      std::uint16_t flags) const {
  const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> message(nlmsg_alloc(), nlmsg_free);
  genlmsg_put(message.get(), 0, 7, family_, 0, 0, command, ETHTOOL_GENL_VERSION);
  AddHeader(message.get(), {device});
  nlmsghdr* header = nlmsg_hdr(message.get());
  header->nlmsg_flags = flags;
  return {reinterpret_cast<const char*>(header), header->nlmsg_len};
}

std::vector<int> RawEthtoolSocket::TakeErrors() const {
  std::vector<int> errors;
  alignas(nlmsghdr) char answer[16384];
  for (ssize_t size; (size = recv(fd_, answer, sizeof(answer), 0)) > 0;) {
    const auto* message = reinterpret_cast<const nlmsghdr*>(answer);
    for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
      if (message->nlmsg_type == NLMSG_ERROR)
        errors.push_back(-static_cast<const nlmsgerr*>(NLMSG_DATA(message))->error);
    }
  }
  return errors;
}

bool KernelKnowsEthtoolNetlink(std::uint8_t command) {
  static const std::set<std::uint32_t> known = ReadCommands();
  return known.count(command) > 0;
}

int EthtoolNetlink(std::uint8_t command, const NetlinkDevice& device, int flags) {
  return EthtoolNetlinkClient().Request(command, device, flags);
}

}  // namespace netchange::test
