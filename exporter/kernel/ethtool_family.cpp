// SPDX-License-Identifier: Apache-2.0
#include "kernel/ethtool_family.h"

#include <linux/ethtool_netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include <memory>

namespace netchange {

std::uint32_t ResolveEthtoolFamily() {
  const std::unique_ptr<nl_sock, decltype(&nl_socket_free)> socket(nl_socket_alloc(),
                                                                   nl_socket_free);
  if (!socket || genl_connect(socket.get())) return 0;
  const int family = genl_ctrl_resolve(socket.get(), ETHTOOL_GENL_NAME);
  return family > 0 ? static_cast<std::uint32_t>(family) : 0;
}

}  // namespace netchange
