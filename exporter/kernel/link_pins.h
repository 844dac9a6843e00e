// SPDX-License-Identifier: Apache-2.0
// The kernel waits up to a tenth of a second when the last descriptor of an attached program is
// closed, also if the process is killed: 49 programs took 2.5 s. It does not wait when the last
// name of a link in a BPF file system goes; a worker of its own detaches the program afterwards.
// Before Linux 6.5 it waits then, too, unless a worker removes the file system (from 5.12 on).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "util/fd.h"

namespace netchange {

class LinkPins;

/// A link's name in a BPF file system, which keeps the program attached. The destructor removes the
/// name, if the file system still exists, and does not wait: the kernel detaches the program some
/// milliseconds later.
class LinkPin {
 public:
  LinkPin(std::weak_ptr<const LinkPins> pins, std::string name)
      : pins_(std::move(pins)), name_(std::move(name)) {}
  ~LinkPin();
  LinkPin(const LinkPin&) = delete;
  LinkPin& operator=(const LinkPin&) = delete;

 private:
  std::weak_ptr<const LinkPins> pins_;
  std::string name_;
};

/// A BPF file system of this process alone. It is mounted at no directory, so it ends with this
/// object, or with the process, however that ends, and then all links are detached. This takes less
/// time than to remove the names one after the other. Thread-safe.
class LinkPins : public std::enable_shared_from_this<LinkPins> {
 public:
  /// Null if this process may not mount, which needs CAP_SYS_ADMIN. Then links are closed, slowly.
  static std::shared_ptr<LinkPins> Create();
  /// Gives the link a name. Null if the kernel has no names for links of its kind: before 5.15,
  /// those of kprobes and tracepoints.
  std::unique_ptr<LinkPin> Pin(int link);

 private:
  friend class LinkPin;
  LinkPins(Fd holder, Fd directory)
      : holder_(std::move(holder)), directory_(std::move(directory)) {}

  const Fd holder_;  // closed after the directory, so that a worker removes it; may be invalid
  const Fd directory_;
  std::atomic<std::uint64_t> names_ = 0;
};

}  // namespace netchange
