// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace netchange {

TemporaryDirectory::TemporaryDirectory() {
  std::string path = ::testing::TempDir() + "netchange_unit_XXXXXX";
  if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp " + path);
  path_ = path;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::File(const std::string& name, std::string_view text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

device_ref Device(std::string_view name, std::uint32_t netns) {
  device_ref device{};
  device.netns = netns;
  Fill(device.name, name);
  return device;
}

config_value TextValue(std::string_view text) {
  config_value value{};
  std::copy_n(text.begin(), std::min(sizeof(value.bytes), text.size()), value.bytes);
  value.size = static_cast<std::uint32_t>(text.size());
  value.type = VALUE_TEXT;
  return value;
}

actor Actor(std::string_view comm, std::string_view parent_comm, std::string_view unit) {
  actor who{};
  Fill(who.comm, comm);
  Fill(who.parent_comm, parent_comm);
  Fill(who.unit, unit);
  return who;
}

std::map<std::string, double> Samples(const std::vector<prometheus::MetricFamily>& families,
                                      std::string_view name) {
  const auto has_name = [&](const auto& family) { return family.name == name; };
  if (std::count_if(families.begin(), families.end(), has_name) != 1) return {};
  const auto& family = *std::find_if(families.begin(), families.end(), has_name);
  std::map<std::string, double> samples;
  for (const auto& metric : family.metric) {
    std::string labels;
    for (const auto& label : metric.label) {
      labels += (labels.empty() ? "" : ",") + label.name + "=\"" + label.value + '"';
    }
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    const double value = is_counter ? metric.counter.value : metric.gauge.value;
    EXPECT_TRUE(samples.emplace(labels, value).second) << name << " has twice {" << labels << "}";
  }
  return samples;
}

bool IsHarmless(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();  // throws if the text is not UTF-8
  } catch (const nlohmann::json::exception&) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;  // C1
  }
  return true;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace netchange
