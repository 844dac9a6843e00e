// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dirent.h>

#include <memory>

namespace netchange {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

/// Owns what opendir() returned; null if the directory cannot be opened. Not thread-safe.
using Directory = std::unique_ptr<DIR, CloseDirectory>;

}  // namespace netchange
