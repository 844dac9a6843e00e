// SPDX-License-Identifier: Apache-2.0
#include "kernel/xdp_links.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cstring>
#include <map>
#include <memory>

#include "util/fd.h"

namespace netchange {
namespace {

constexpr std::size_t kNative = XDP_MODE_ID_NATIVE - XDP_MODE_ID_GENERIC;
constexpr int kTries = 3;  // the kernel asks to repeat a dump if devices changed during it

using Socket = std::unique_ptr<nl_sock, decltype(&nl_socket_free)>;
using Message = std::unique_ptr<nl_msg, decltype(&nlmsg_free)>;

std::uint32_t NumberOf(nlattr* attribute) {
  return attribute && nla_len(attribute) >= 4 ? nla_get_u32(attribute) : 0;
}

int AddLink(nl_msg* message, void* links) {
  nlmsghdr* header = nlmsg_hdr(message);
  if (header->nlmsg_type == RTM_NEWLINK)
    static_cast<std::vector<XdpLink>*>(links)->push_back(ParseXdpLink(header));
  return NL_OK;
}

// Returns 0, or an error of libnl.
int Dump(nl_sock* socket) {
  const Message request(nlmsg_alloc_simple(RTM_GETLINK, NLM_F_DUMP), nlmsg_free);
  ifinfomsg all{};
  if (!request || nlmsg_append(request.get(), &all, sizeof(all), NLMSG_ALIGNTO) ||
      nla_put_u32(request.get(), IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS))
    return -NLE_NOMEM;
  const int sent = nl_send_auto(socket, request.get());
  return sent < 0 ? sent : nl_recvmsgs_default(socket);
}

}  // namespace

XdpLink ParseXdpLink(nlmsghdr* message) {
  XdpLink link;
  nlattr* attributes[IFLA_MAX + 1] = {};
  nlattr* xdp[IFLA_XDP_MAX + 1] = {};
  if (nlmsg_parse(message, sizeof(ifinfomsg), attributes, IFLA_MAX, nullptr)) return link;
  link.ifindex =
      static_cast<std::uint32_t>(static_cast<ifinfomsg*>(nlmsg_data(message))->ifi_index);
  link.master = NumberOf(attributes[IFLA_MASTER]);
  if (nlattr* name = attributes[IFLA_IFNAME])
    link.name.assign(static_cast<const char*>(nla_data(name)),
                     strnlen(static_cast<const char*>(nla_data(name)), nla_len(name)));
  if (attributes[IFLA_XDP] && !nla_parse_nested(xdp, IFLA_XDP_MAX, attributes[IFLA_XDP], nullptr)) {
    link.programs = {NumberOf(xdp[IFLA_XDP_SKB_PROG_ID]), NumberOf(xdp[IFLA_XDP_DRV_PROG_ID]),
                     NumberOf(xdp[IFLA_XDP_HW_PROG_ID])};
  }
  return link;
}

void PassToPorts(std::vector<XdpLink>& links) {
  std::map<std::uint32_t, std::uint32_t> native;  // by ifindex
  for (const XdpLink& link : links) native[link.ifindex] = link.programs[kNative];
  for (XdpLink& link : links) {
    const auto master = native.find(link.master);
    if (!link.master || link.programs[kNative] || master == native.end()) continue;
    link.programs[kNative] = master->second;
    link.from_upper = master->second != 0;
  }
}

Result<std::vector<XdpLink>> ReadXdpLinks() {
  const Socket socket(nl_socket_alloc(), nl_socket_free);
  if (!socket) return Error{"no memory for a netlink socket"};
  std::vector<XdpLink> links;
  int error = nl_connect(socket.get(), NETLINK_ROUTE);
  if (!error) {
    nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, AddLink, &links);
    error = -NLE_DUMP_INTR;
  }
  for (int i = 0; i < kTries && error == -NLE_DUMP_INTR; ++i) {
    links.clear();
    error = Dump(socket.get());
  }
  if (error) return Error{std::string("list devices (RTM_GETLINK): ") + nl_geterror(error)};
  PassToPorts(links);
  return links;
}

xdp_program ReadXdpProgram(std::uint32_t id) {
  xdp_program program{};
  program.id = id;
  const Fd fd(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size)) return program;
  static_assert(sizeof(info.name) == sizeof(program.name));
  static_assert(sizeof(info.tag) == sizeof(program.tag));
  std::memcpy(program.name, info.name, sizeof(program.name));
  std::memcpy(program.tag, info.tag, sizeof(program.tag));
  return program;
}

}  // namespace netchange
