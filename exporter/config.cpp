// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/collector.h"
#include "config_values.h"
#include "util/text.h"

namespace netchange {
namespace {

using namespace std::chrono_literals;

// Thrown and caught in this file only.
struct Mistake {
  YAML::Mark mark;
  std::string what;
};

using Reader = std::function<void(const YAML::Node&, Config&)>;
using Section = std::map<std::string, Reader>;

const char* KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar: return "a single value";
    case YAML::NodeType::Sequence: return "a list";
    case YAML::NodeType::Map: return "a map";
    default: return "nothing";
  }
}

template <class T>
T Read(const YAML::Node& node, const char* expected) {
  T value;
  if (!node.IsScalar())
    throw Mistake{node.Mark(), std::string("expected ") + expected + ", found " + KindOf(node)};
  if (!YAML::convert<T>::decode(node, value)) {
    throw Mistake{node.Mark(),
                  std::string("expected ") + expected + ", found \"" + node.Scalar() + '"'};
  }
  return value;
}

bool ReadBool(const YAML::Node& node) { return Read<bool>(node, "true or false"); }
std::string ReadText(const YAML::Node& node) { return Read<std::string>(node, "text"); }

std::vector<std::string> ReadTexts(const YAML::Node& node) {
  if (!node.IsSequence())
    throw Mistake{node.Mark(), std::string("expected a list, found ") + KindOf(node)};
  std::vector<std::string> texts;
  for (const auto& item : node) texts.push_back(ReadText(item));
  return texts;
}

void Require(const YAML::Node& node, const Status& status) {
  if (!status) throw Mistake{node.Mark(), status.error().message};
}

template <class T>
T Require(const YAML::Node& node, const Result<T>& result) {
  if (!result) throw Mistake{node.Mark(), result.error().message};
  return *result;
}

std::string Known(const Section& section) {
  std::vector<std::string> names;
  names.reserve(section.size());
  for (const auto& [name, reader] : section) names.push_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void ReadSection(const YAML::Node& node, const Section& section, Config& config) {
  if (node.IsNull()) return;  // a section whose keys are all commented out
  if (!node.IsMap())
    throw Mistake{node.Mark(), std::string("expected a map, found ") + KindOf(node)};
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string name = ReadText(entry.first);
    const auto reader = section.find(name);
    if (reader == section.end()) {
      throw Mistake{entry.first.Mark(),
                    "unknown key \"" + name + "\"; expected one of: " + Known(section)};
    }
    if (!seen.insert(name).second)
      throw Mistake{entry.first.Mark(), "duplicate key \"" + name + "\""};
    try {
      reader->second(entry.second, config);
    } catch (const Mistake& mistake) {
      // yaml-cpp gives a missing value the position of the next token.
      if (entry.second.IsNull()) throw Mistake{entry.first.Mark(), mistake.what};
      throw;
    }
  }
}

Reader SectionOf(Section section) {
  return [section = std::move(section)](const YAML::Node& node, Config& c) {
    ReadSection(node, section, c);
  };
}

std::vector<std::string> ReadAddresses(const YAML::Node& node) {
  auto addresses = ReadTexts(node);
  if (addresses.empty()) throw Mistake{node.Mark(), "expected at least one address"};
  for (std::size_t i = 0; i < addresses.size(); ++i)
    Require(node[i], CheckListenAddress(addresses[i]));
  return addresses;
}

std::uint32_t ReadMaxEntries(const YAML::Node& node) {
  constexpr std::uint32_t kLeast = 16, kMost = 1 << 20;
  const auto entries = Read<std::uint32_t>(node, "a number");
  if (entries < kLeast || entries > kMost) {
    throw Mistake{node.Mark(),
                  "expected a number from 16 to 1048576, found \"" + node.Scalar() + '"'};
  }
  return entries;
}

using PatternCheck = Status (*)(const std::string&);

// Refuses a pattern that is in both lists, and reports its line.
void RefuseContradiction(const YAML::Node& node, const NameFilter& filter) {
  for (const auto& key :
       {std::pair("include", &filter.exclude), std::pair("exclude", &filter.include)}) {
    for (const auto& item : node[key.first]) {
      const std::string pattern = item.Scalar();
      if (std::count(key.second->begin(), key.second->end(), pattern))
        throw Mistake{item.Mark(),
                      '"' + pattern + "\" is both included and excluded" +
                          (node["exclude"] ? "" : " (by default; write your own exclude list)")};
    }
  }
}

std::vector<std::string> ReadPatterns(const YAML::Node& node, PatternCheck check) {
  auto patterns = ReadTexts(node);
  for (std::size_t i = 0; i < patterns.size(); ++i) Require(node[i], check(patterns[i]));
  return patterns;
}

Reader FilterOf(NameFilter Config::*filter, PatternCheck check) {
  const Section lists = {
      {"include",
       [=](const YAML::Node& n, Config& c) { (c.*filter).include = ReadPatterns(n, check); }},
      {"exclude",
       [=](const YAML::Node& n, Config& c) { (c.*filter).exclude = ReadPatterns(n, check); }},
  };
  return [=](const YAML::Node& node, Config& config) {
    ReadSection(node, lists, config);
    if (!node.IsMap()) return;
    NameFilter& read = config.*filter;
    // What the default includes are exceptions from what it excludes.
    if (node["exclude"] && !node["include"]) read.include.clear();
    if (read.include.size() + read.exclude.size() > kMaxPatterns) {
      throw Mistake{node.Mark(), "more than " + std::to_string(kMaxPatterns) + " patterns"};
    }
    RefuseContradiction(node, read);
  };
}

constexpr std::chrono::milliseconds kLongest = 36500 * 24h;  // 100 years

// 100ms, 90s, 15m, 1h, 7d; 0 needs no unit.
std::chrono::milliseconds ReadDuration(const YAML::Node& node) {
  const std::string text = ReadText(node);
  constexpr std::pair<std::string_view, std::chrono::milliseconds> kUnits[] = {
      {"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}, {"d", 24h}};
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const std::string_view unit(parsed.ptr, end);
  for (const auto& [name, length] : kUnits) {
    if (parsed.ec != std::errc() || unit != name) continue;
    const auto duration = length * std::int64_t{number};
    if (duration > kLongest)
      throw Mistake{node.Mark(), "a duration is at most 36500d, found \"" + text + '"'};
    return duration;
  }
  if (parsed.ec == std::errc() && unit.empty() && number == 0) return 0ms;
  throw Mistake{node.Mark(),
                "expected a duration such as 100ms, 90s, 15m, 1h or 7d, found \"" + text + '"'};
}

Section CollectorsSection() {
  Section section;
  for (const CollectorSpec* spec : AllCollectors()) {
    section[spec->name] = [name = std::string(spec->name)](const YAML::Node& node, Config& config) {
      config.collectors[name] = ReadBool(node);
    };
  }
  return section;
}

std::string ReadPath(const YAML::Node& node) {
  std::string path = ReadText(node);
  Require(node, CheckTelemetryPath(path));
  return path;
}

// The whole file, key by key.
Section Root() {
  using Node = const YAML::Node&;
  return {
      {"web",
       SectionOf({
           {"listen_addresses", [](Node n, Config& c) { c.listen_addresses = ReadAddresses(n); }},
           {"telemetry_path", [](Node n, Config& c) { c.telemetry_path = ReadPath(n); }},
       })},
      {"log",
       SectionOf({
           {"level",
            [](Node n, Config& c) { c.log_level = Require(n, ParseLogLevel(ReadText(n))); }},
           {"format",
            [](Node n, Config& c) { c.log_format = Require(n, ParseLogFormat(ReadText(n))); }},
       })},
      {"backend", [](Node n, Config& c) { c.backends = Require(n, ParseBackends(ReadText(n))); }},
      {"skip_functions",
       [](Node n, Config& c) {
         const auto names = ReadTexts(n);
         c.skip_functions = {names.begin(), names.end()};
       }},
      {"collectors", SectionOf(CollectorsSection())},
      {"max_entries", [](Node n, Config& c) { c.max_entries = ReadMaxEntries(n); }},
      {"labels", SectionOf({
                     {"comm", [](Node n, Config& c) { c.label_comm = ReadBool(n); }},
                     {"parent_comm", [](Node n, Config& c) { c.label_parent_comm = ReadBool(n); }},
                     {"unit", [](Node n, Config& c) { c.label_unit = ReadBool(n); }},
                 })},
      {"ethtool", SectionOf({
                      {"slow", [](Node n, Config& c) { c.ethtool_slow = ReadDuration(n); }},
                  })},
      {"series_expiry", [](Node n, Config& c) { c.series_expiry = ReadDuration(n); }},
      {"devices", FilterOf(&Config::devices, CheckDevicePattern)},
      {"namespaces", FilterOf(&Config::namespaces, CheckDevicePattern)},
      {"config_writes", SectionOf({
                            {"namespaces", FilterOf(&Config::write_namespaces, CheckDevicePattern)},
                            {"devices", FilterOf(&Config::write_devices, CheckDevicePattern)},
                            {"settings", FilterOf(&Config::write_settings, CheckSettingPattern)},
                        })},
  };
}

// The file and its name may contain any byte.
Error At(const std::string& path, const YAML::Mark& mark, const std::string& what) {
  const std::string line = mark.line >= 0 ? ":" + std::to_string(mark.line + 1) : "";
  return {PrintableText(path + line + ": " + what)};
}

// We read the file ourselves, because yaml-cpp throws another type of exception for a directory.
Result<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, error)) {
    return At(path, YAML::Mark::null_mark(),
              "cannot read the file; check that it exists and that this user may read it");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void ReadDocuments(const std::string& text, Config& config) {
  const std::vector<YAML::Node> documents = YAML::LoadAll(text);
  if (documents.size() > 1) throw Mistake{documents[1].Mark(), "unexpected second YAML document"};
  if (!documents.empty()) ReadSection(documents[0], Root(), config);
}

}  // namespace

Status LoadConfigFile(const std::string& path, Config& config) {
  const auto text = ReadFile(path);
  if (!text) return text.error();
  try {
    Config read = config;
    ReadDocuments(*text, read);
    config = std::move(read);
    return {};
  } catch (const Mistake& mistake) {
    return At(path, mistake.mark, mistake.what);
  } catch (const YAML::Exception& e) {
    return At(path, e.mark, e.msg);
  }
}

}  // namespace netchange
