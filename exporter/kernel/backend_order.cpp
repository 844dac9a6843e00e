// SPDX-License-Identifier: Apache-2.0
#include "kernel/backend_order.h"

#include <algorithm>

namespace netchange {

std::vector<Backend> InOrderFor(std::vector<Backend> backends, bool preempts) {
  const auto fexit = std::find(backends.begin(), backends.end(), Backend::kFexit);
  const auto kprobe = std::find(backends.begin(), backends.end(), Backend::kKprobe);
  if (preempts && fexit < kprobe && kprobe != backends.end()) std::iter_swap(fexit, kprobe);
  return backends;
}

std::string OrderNote(const std::vector<Backend>& backends, bool preempts) {
  const std::string why =
      ": this kernel is preemptible, and while a task is preempted inside an fexit program, the "
      "kernel skips that program for other tasks on the same CPU";
  if (InOrderFor(backends, preempts) != backends) return "auto takes kprobe before fexit" + why;
  if (preempts && backends == std::vector{Backend::kFexit})
    return "fexit can lose events, use kprobe" + why;
  return "";
}

}  // namespace netchange
