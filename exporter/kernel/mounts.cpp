// SPDX-License-Identifier: Apache-2.0
#include "kernel/mounts.h"

#include <sys/mount.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

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

}  // namespace

std::vector<Mount> ParseMounts(const std::string& mountinfo) {
  constexpr std::string_view kBeforeType = " - ";
  std::vector<Mount> mounts;
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, place, type;
    if (!(words >> id >> parent >> device >> root >> place)) continue;
    if (const auto at = line.find(kBeforeType); at != std::string::npos)
      std::istringstream(line.substr(at + kBeforeType.size())) >> type;
    mounts.push_back({root, Unescaped(place), type});
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
