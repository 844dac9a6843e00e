// SPDX-License-Identifier: Apache-2.0
// ethtool requests as a library sends them, with every byte under the test's control.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct nl_sock;

namespace netchange::test {

/// SIOCETHTOOL with the first two numbers of the command structure. `device` may contain any bytes;
/// at most 15 are used. Returns 0 or the errno.
int EthtoolIoctl(const std::string& device, std::uint32_t command, std::uint32_t second = 0);

/// How a netlink request names its device.
struct NetlinkDevice {
  std::string name;         // ETHTOOL_A_HEADER_DEV_NAME, if not empty
  std::uint32_t index = 0;  // ETHTOOL_A_HEADER_DEV_INDEX, if not 0
};

/// A socket of the generic netlink family "ethtool".
class EthtoolNetlinkClient {
 public:
  EthtoolNetlinkClient();
  /// A request with only a header. Returns 0 or the errno of the answer.
  int Request(std::uint8_t command, const NetlinkDevice& device, int flags = 0);
  /// Size of the answer to the last request, in bytes.
  [[nodiscard]] int bytes() const { return bytes_; }

 private:
  std::unique_ptr<nl_sock, void (*)(nl_sock*)> socket_;
  int family_ = 0;
  int bytes_ = 0;
};

/// A generic netlink socket without a library, for requests sent in unusual ways, for example
/// several in one call.
class RawEthtoolSocket {
 public:
  RawEthtoolSocket();
  ~RawEthtoolSocket();
  RawEthtoolSocket(const RawEthtoolSocket&) = delete;
  RawEthtoolSocket& operator=(const RawEthtoolSocket&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  /// The bytes of a request. All requests have the same sequence number.
  [[nodiscard]] std::string Message(std::uint8_t command, const std::string& device,
                                    std::uint16_t flags) const;
  /// Receives all answers, and returns their errors in order, 0 for success.
  [[nodiscard]] std::vector<int> TakeErrors() const;

 private:
  int fd_;
  std::uint16_t family_;
};

/// True if this kernel's family "ethtool" has the command; ethtool(8) makes the same check.
bool KernelKnowsEthtoolNetlink(std::uint8_t command);

/// One request on a new socket.
int EthtoolNetlink(std::uint8_t command, const NetlinkDevice& device, int flags = 0);

}  // namespace netchange::test
