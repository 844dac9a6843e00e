// SPDX-License-Identifier: Apache-2.0
#include "kernel/mounts.h"

#include <sys/mount.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace netchange {
namespace {

// mountinfo escapes spaces and similar characters as \040.
std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && text.size() - i >= 4) {
      plain +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 3)).c_str(), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// The text up to the next `end`, which is taken from `rest` too. All of it if there is none.
std::string_view Take(std::string_view& rest, char end) {
  const std::size_t size = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return taken;
}

}  // namespace

std::vector<Mount> ParseMounts(const std::string& mountinfo) {
  constexpr std::string_view kBeforeType = " - ";
  constexpr int kFieldsBeforeRoot = 3;  // of the mount, of its parent, of the device
  std::vector<Mount> mounts;
  for (std::string_view lines = mountinfo; !lines.empty();) {
    const std::string_view line = Take(lines, '\n');
    std::string_view rest = line, type;
    for (int i = 0; i < kFieldsBeforeRoot; ++i) Take(rest, ' ');
    const std::string_view root = Take(rest, ' '), place = Take(rest, ' ');
    if (place.empty()) continue;
    if (const auto at = line.find(kBeforeType); at != std::string_view::npos) {
      rest = line.substr(at + kBeforeType.size());
      type = Take(rest, ' ');
    }
    mounts.push_back({std::string(root), Unescaped(place), std::string(type)});
  }
  return mounts;
}

std::vector<Mount> ReadMounts(const std::string& proc) {
  std::ifstream mountinfo(proc + "/self/mountinfo", std::ios::binary);
  return ParseMounts({std::istreambuf_iterator<char>(mountinfo), {}});
}

Fd MountForMyself(const char* filesystem) {
  const Fd context(fsopen(filesystem, FSOPEN_CLOEXEC));
  if (!context || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0)) return Fd();
  return Fd(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

}  // namespace netchange
