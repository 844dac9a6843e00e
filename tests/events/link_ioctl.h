// SPDX-License-Identifier: Apache-2.0
// Settings of links, written without netlink. Each function returns 0 or the errno.
#pragma once

#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>

#include "process.h"

namespace netchange::test {

// An ioctl on a device with a filled-in request. Returns 0 or the errno.
inline int Ioctl(const std::string& device, unsigned long command,
                 const std::function<void(ifreq&)>& fill) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  fill(request);
  const int error = ioctl(fd, command, &request) ? errno : 0;
  close(fd);
  return error;
}

inline int SetMtu(const std::string& device, int mtu) {
  return Ioctl(device, SIOCSIFMTU, [=](ifreq& r) { r.ifr_mtu = mtu; });
}
inline int SetTxQueueLen(const std::string& device, int length) {
  return Ioctl(device, SIOCSIFTXQLEN, [=](ifreq& r) { r.ifr_qlen = length; });
}
inline int SetFlags(const std::string& device, int flags) {
  return Ioctl(device, SIOCSIFFLAGS, [=](ifreq& r) { r.ifr_flags = static_cast<short>(flags); });
}
inline int SetName(const std::string& device, const std::string& name) {
  return Ioctl(device, SIOCSIFNAME, [=](ifreq& r) { name.copy(r.ifr_newname, IFNAMSIZ - 1); });
}
// Sets 02:00:00:00:00:<last>, or another first byte.
inline int SetAddress(const std::string& device, char last, char first = 2,
                      unsigned short type = ARPHRD_ETHER) {
  return Ioctl(device, SIOCSIFHWADDR, [=](ifreq& r) {
    r.ifr_hwaddr = {type, {first, 0, 0, 0, 0, last}};
  });
}

inline int WriteSysfs(const std::string& device, const std::string& file, const std::string& text) {
  return WriteFile("/sys/class/net/" + device + "/" + file, text);
}

}  // namespace netchange::test
