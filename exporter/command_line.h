// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "config.h"
#include "output_format.h"

namespace netchange {

/// A parsed command line.
struct Command {
  enum class Kind { kServe, kWatch, kCheck, kCheckConfig };
  Kind kind = Kind::kServe;
  OutputFormat output = OutputFormat::kText;  // for watch and check
  bool with_events = false;                   // for check
  Config config;
};

/// Either a command, or a text to print (help, version, or an error) and the exit status.
struct CommandLine {
  std::optional<Command> command;
  std::string text;
  int status = 0;
};

/// Parses flags, and reads the configuration file if one is named. Flags override the file. Prints
/// nothing.
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace netchange
