// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

struct bpf_link;

namespace netchange {

struct DestroyLink {
  void operator()(bpf_link* link) const;
};

/// An attached program. Detached when the link is destroyed.
using BpfLink = std::unique_ptr<bpf_link, DestroyLink>;

}  // namespace netchange
