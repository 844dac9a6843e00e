// SPDX-License-Identifier: Apache-2.0
#include "kernel/linked_programs.h"

#include <bpf/bpf.h>

#include <optional>

#include "kernel/xdp_links.h"
#include "util/fd.h"

namespace netchange {
namespace {

bool IsExtension(std::uint32_t program) {
  const Fd fd(bpf_prog_get_fd_by_id(program));
  bpf_prog_info info{};
  std::uint32_t size = sizeof(info);
  return fd && !bpf_obj_get_info_by_fd(fd.get(), &info, &size) && info.type == BPF_PROG_TYPE_EXT;
}

// The target of other tracing programs is not a program, but BTF: its id says nothing here.
std::optional<LinkedProgram> ReadLinked(std::uint32_t link) {
  const Fd fd(bpf_link_get_fd_by_id(link));
  bpf_link_info info{};
  std::uint32_t size = sizeof(info);
  if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size)) return std::nullopt;
  if (info.type != BPF_LINK_TYPE_TRACING || !info.tracing.target_obj_id ||
      !IsExtension(info.prog_id))
    return std::nullopt;
  return LinkedProgram{info.tracing.target_obj_id, ReadXdpProgram(info.prog_id)};
}

}  // namespace

std::vector<LinkedProgram> ReadLinkedPrograms() {
  std::vector<LinkedProgram> programs;
  std::uint32_t link = 0;
  while (!bpf_link_get_next_id(link, &link)) {
    if (const auto linked = ReadLinked(link)) programs.push_back(*linked);
  }
  return programs;
}

}  // namespace netchange
