// SPDX-License-Identifier: Apache-2.0
// The layers of bpf/ include only lower layers; bpf/README.md has the table.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <utility>

namespace netchange {
namespace {

// The layer of a file in bpf/: its folder, or at the top its kind.
std::string LayerOf(const std::string& path) {
  for (const char* folder : {"bpf/abi/", "bpf/lib/", "bpf/syscall/"}) {
    if (path.starts_with(folder)) return folder;
  }
  if (std::regex_match(path, std::regex(R"(bpf/[a-z_]+\.bpf\.h)"))) return "*.bpf.h";
  return std::regex_match(path, std::regex(R"(bpf/[a-z_]+\.bpf\.c)")) ? "*.bpf.c" : "";
}

// Allowed includes: from, to.
const std::set<std::pair<std::string, std::string>> kAllowed = {
    {"bpf/abi/", "bpf/abi/"},     {"bpf/lib/", "bpf/lib/"},     {"bpf/lib/", "bpf/abi/"},
    {"*.bpf.h", "bpf/lib/"},      {"*.bpf.h", "bpf/abi/"},      {"*.bpf.c", "*.bpf.h"},
    {"*.bpf.c", "bpf/lib/"},      {"*.bpf.c", "bpf/abi/"},      {"bpf/syscall/", "*.bpf.h"},
    {"bpf/syscall/", "bpf/lib/"}, {"bpf/syscall/", "bpf/abi/"}, {"bpf/syscall/", "bpf/syscall/"},
};

// The collector of a file, which files of other collectors may not include: "bpf/irq.bpf.c",
// "bpf/syscall/irq.bpf.h".
std::string StemOf(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename();
  return name.substr(0, name.find('.'));
}

TEST(KernelIncludes, NeverGoUp) {
  const std::filesystem::path top = SOURCE_DIR;
  const std::regex include(R"(\s*#\s*include \"([^\"]+)\".*)");
  std::set<std::string> layers;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top / "bpf")) {
    const std::string path = std::filesystem::relative(entry.path(), top);
    if (!path.ends_with(".h") && !path.ends_with(".c")) continue;
    const std::string layer = LayerOf(path);
    ASSERT_FALSE(layer.empty()) << path << " belongs nowhere in bpf/README.md";
    layers.insert(layer);
    std::ifstream file(entry.path());
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_match(line, match, include)) continue;
      const std::string included = match[1];
      EXPECT_TRUE(std::filesystem::exists(top / included)) << path << ": " << line;
      EXPECT_TRUE(kAllowed.contains({layer, LayerOf(included)})) << path << ": " << line;
      if (layer == "*.bpf.c" && LayerOf(included) != "bpf/lib/") {
        EXPECT_EQ(StemOf(included), StemOf(path)) << path << ": " << line;
      }
    }
  }
  EXPECT_EQ(layers.size(), 5U);
}

}  // namespace
}  // namespace netchange
