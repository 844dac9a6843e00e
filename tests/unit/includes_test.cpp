// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace netchange {
namespace {

namespace fs = std::filesystem;

// "exporter/kernel/clock.cpp: #include <ctime>" for each include of the exporter's sources.
std::vector<std::string> Includes() {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(SOURCE_DIR "/exporter")) {
    if (!entry.is_regular_file()) continue;
    const std::string file = fs::relative(entry.path(), SOURCE_DIR).string();
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("#include")) found.push_back(file + ": " + line);
    }
  }
  return found;
}

// A skeleton includes libbpf.
TEST(Includes, OfSkeletonsAreInTestsOnly) {
  for (const std::string& include : Includes())
    EXPECT_EQ(include.find(".skel.h"), std::string::npos) << include;
}

TEST(Includes, OfLibbpfAreInSourcesOfTheFolderKernelOnly) {
  std::size_t of_libbpf = 0;
  for (const std::string& include : Includes()) {
    if (include.find("<bpf/") == std::string::npos) continue;
    ++of_libbpf;
    EXPECT_THAT(include, testing::MatchesRegex("exporter/kernel/[a-z_]+\\.cpp: .*"));
  }
  EXPECT_GT(of_libbpf, 5u);
}

}  // namespace
}  // namespace netchange
