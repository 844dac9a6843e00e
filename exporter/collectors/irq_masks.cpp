// SPDX-License-Identifier: Apache-2.0
#include "collectors/irq_masks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "bpf/abi/cpu_mask.h"
#include "kernel/cpus.h"

namespace netchange {
namespace {

namespace fs = std::filesystem;

constexpr int kGroupBits = 32;

std::uint64_t BootTime() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

void AddMask(MapEntries& entries, const fs::path& file, const std::string& setting,
             const std::string& irq) {
  std::string text;
  std::ifstream(file) >> text;
  const auto value = CpuMaskValue(text, CpuIds());
  config_value_key key{};
  if (!value || irq.size() >= sizeof(key.object)) return;
  setting.copy(key.setting, sizeof(key.setting) - 1);
  irq.copy(key.object, sizeof(key.object) - 1);
  key.kind = CONFIG_KIND_IRQ_AFFINITY;
  entries.emplace_back(BytesOf(key), BytesOf(*value));
}

}  // namespace

std::optional<config_value> CpuMaskValue(const std::string& text, std::uint32_t cpu_ids) {
  std::array<std::uint64_t, CPU_MASK_WORDS> words{};
  std::size_t end = text.size();
  for (unsigned bit = 0;; bit += kGroupBits) {
    const std::size_t comma = end ? text.rfind(',', end - 1) : std::string::npos;
    const std::size_t begin = comma == std::string::npos ? 0 : comma + 1;
    std::uint32_t group = 0;
    const auto [at, error] = std::from_chars(&text[begin], &text[end], group, 16);
    if (error != std::errc() || at != &text[end]) return std::nullopt;
    if (bit >= CPU_MASK_BITS && group) return std::nullopt;
    if (bit < CPU_MASK_BITS) words[bit / 64] |= std::uint64_t{group} << bit % 64;
    if (comma == std::string::npos) break;
    end = comma;
  }
  config_value value{};
  if (!cpu_ids) return std::nullopt;
  value.time_ns = BootTime();
  value.size = cpu_mask_size(cpu_ids);
  value.hash = cpu_mask_hash(reinterpret_cast<const __u64*>(words.data()));
  value.text = {value.size, value.hash};
  value.type = VALUE_MASK;
  std::memcpy(value.bytes, words.data(), sizeof(value.bytes));
  return value;
}

MapEntries IrqMasks(const std::string& directory) {
  MapEntries entries;
  AddMask(entries, fs::path(directory) / "default_smp_affinity", "default_smp_affinity", "");
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.is_directory(error))
      AddMask(entries, entry.path() / "smp_affinity", "smp_affinity", entry.path().filename());
  }
  return entries;
}

}  // namespace netchange
