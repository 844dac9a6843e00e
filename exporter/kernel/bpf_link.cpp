// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_link.h"

#include <bpf/libbpf.h>

namespace netchange {

void DestroyLink::operator()(bpf_link* link) const { bpf_link__destroy(link); }

}  // namespace netchange
