// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <CLI/CLI.hpp>

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "collectors/collector.h"
#include "config_values.h"
#include "util/text.h"
#include "version.h"

namespace netchange {
namespace {

constexpr int kBadUsage = 2;
constexpr int kBadConfig = 1;

// Values of the flags on the command line. Absent ones come from the file or the defaults.
struct Flags {
  std::string config_file;
  bool check_config = false;
  std::vector<std::string> listen_addresses;
  std::optional<std::string> telemetry_path;
  std::optional<LogLevel> log_level;
  std::optional<LogFormat> log_format;
  std::optional<std::vector<Backend>> backends;
  std::map<std::string, bool> collectors;  // only flags on the command line
  std::string output = "text";
  bool with_events = false;
};

// Adapts one of our checks to CLI11, which expects an empty text on success.
template <class Check>
auto Checked(Check check) {
  return [check](const std::string& value) {
    const auto result = check(value);
    return result ? std::string() : result.error().message;
  };
}

// An option that `parse` turns into a value. CLI::CheckedTransformer would also accept the numbers
// of an enum, and list them in its errors.
template <class Value>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, std::optional<Value>& value,
                       Result<Value> (*parse)(const std::string&), const std::string& help) {
  const auto read = [name, &value, parse](const std::string& text) {
    Result<Value> parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
    value = std::move(*parsed);
  };
  return app.add_option_function<std::string>(name, read, help);
}

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_option("--config.file", flags.config_file, "YAML file (optional)")->type_name("FILE");
  app.add_flag("--config.check", flags.check_config, "Check flags and file, then exit");
  app.add_option("--web.listen-address", flags.listen_addresses,
                 "Address to listen on; may be repeated [:10417]")
      ->type_name("ADDRESS")
      ->take_all()
      ->check(Checked(CheckListenAddress));
  app.add_option("--web.telemetry-path", flags.telemetry_path, "Path of the metrics [/metrics]")
      ->type_name("PATH")
      ->check(Checked(CheckTelemetryPath));
  AddParsed(app, "--log.level", flags.log_level, ParseLogLevel, "debug, info, warn or error [info]")
      ->type_name("LEVEL");
  AddParsed(app, "--log.format", flags.log_format, ParseLogFormat, "logfmt or json [logfmt]")
      ->type_name("FORMAT");
  AddParsed(app, "--backend", flags.backends, ParseBackends,
            "How to trace: auto, fexit, kprobe or syscall [auto]")
      ->type_name("BACKEND");
  for (const CollectorSpec* spec : AllCollectors()) {
    const std::string name = spec->name;
    app.add_flag("--collector." + name + ",!--no-collector." + name, flags.collectors[name],
                 std::string("Count ") + spec->help + " [on]")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

Config Merge(Config config, const Flags& flags) {
  if (!flags.listen_addresses.empty()) config.listen_addresses = flags.listen_addresses;
  if (flags.telemetry_path) config.telemetry_path = *flags.telemetry_path;
  if (flags.log_level) config.log_level = *flags.log_level;
  if (flags.log_format) config.log_format = *flags.log_format;
  if (flags.backends) config.backends = *flags.backends;
  for (const auto& [name, on] : flags.collectors) config.collectors[name] = on;
  return config;
}

CLI::App* AddSubcommand(CLI::App& app, const char* name, const char* help, const char* output_help,
                        Flags& flags) {
  CLI::App* command = app.add_subcommand(name, help);
  command->fallthrough();
  command->add_option("--output", flags.output, output_help)
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  return command;
}

std::string VersionLine() {
  return std::string("netchange_exporter ") + kVersion + " (" + kRevision + ")";
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app{
      "Counts who runs ethtool commands, attaches XDP programs and writes network settings, in the "
      "kernel,\n"
      "and serves the counts to Prometheus.",
      "netchange_exporter"};
  Flags flags;
  app.set_version_flag("--version", VersionLine());
  AddFlags(app, flags);
  const CLI::App* watch = AddSubcommand(app, "watch", "Print each event as it happens",
                                        "text, or json: one object a line [text]", flags);
  CLI::App* check =
      AddSubcommand(app, "check",
                    "Report which collectors work here, their backends and limitations;\n"
                    "exit status 0: all collectors work, 1: some, 2: none",
                    "text or json [text]", flags);
  check->add_flag("--events", flags.with_events,
                  "Make one harmless event of each kind, and report which were counted");
  try {
    app.parse(argc, argv);
    std::erase_if(flags.collectors,
                  [&](const auto& c) { return !app.count("--collector." + c.first); });
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != 0)
      return {std::nullopt, PrintableText(e.what()) + " (see --help)\n", kBadUsage};
    std::ostringstream out, err;
    app.exit(e, out, err);
    return {std::nullopt, out.str(), 0};
  }
  Config config;
  if (!flags.config_file.empty()) {
    if (const Status read = LoadConfigFile(flags.config_file, config); !read) {
      return {std::nullopt, read.error().message + "\n", kBadConfig};
    }
  }
  Command command;
  command.kind = flags.check_config ? Command::Kind::kCheckConfig
                 : watch->parsed()  ? Command::Kind::kWatch
                 : check->parsed()  ? Command::Kind::kCheck
                                    : Command::Kind::kServe;
  command.output = flags.output == "json" ? OutputFormat::kJson : OutputFormat::kText;
  command.with_events = flags.with_events;
  // `check` prints these warnings itself.
  if (check->parsed() && !flags.log_level) flags.log_level = LogLevel::kError;
  command.config = Merge(std::move(config), flags);
  return {std::move(command), "", 0};
}

}  // namespace netchange
