// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "config.h"
#include "output_format.h"

namespace netchange {

/// What the command line asks for.
struct Command {
  enum class Kind { kServe, kWatch, kCheck, kCheckConfig };
  Kind kind = Kind::kServe;
  OutputFormat output = OutputFormat::kText;  // of watch and check
  Config config;
};

/// Either a command, or the end: text to print (help, version, or an error) and the exit status.
struct CommandLine {
  std::optional<Command> command;
  std::string text;
  int status = 0;
};

/// Reads flags, and the configuration file if one is named; flags win over the file. Prints
/// nothing.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace netchange
