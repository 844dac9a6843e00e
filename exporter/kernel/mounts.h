// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "util/fd.h"

namespace netchange {

/// A mount, as proc(5) has it under mountinfo.
struct Mount {
  std::string root;   // what is mounted there: "/", "net:[4026532100]"
  std::string place;  // any bytes
  std::string type;   // of the file system; empty if the line has none
};

/// The mounts in the text of mountinfo.
std::vector<Mount> ParseMounts(const std::string& mountinfo);

/// The mounts that this process sees. `proc` is for tests.
std::vector<Mount> ReadMounts(const std::string& proc = "/proc");

/// Mounts a file system of this type at no directory: no other process sees it, and it ends with
/// the descriptor. Empty, with errno, if this process may not mount.
Fd MountForMyself(const char* filesystem);

}  // namespace netchange
