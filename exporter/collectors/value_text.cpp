// SPDX-License-Identifier: Apache-2.0
#include "collectors/value_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>

#include "util/text.h"

namespace netchange {
namespace {

std::string_view Bytes(const setting_value& value) {
  const auto* bytes = reinterpret_cast<const char*>(value.bytes);
  return {bytes, std::min<std::size_t>(value.size, sizeof(value.bytes))};
}

template <class Number>
std::string Numbers(const setting_value& value) {
  std::array<Number, sizeof(value.bytes) / sizeof(Number)> numbers;
  std::memcpy(numbers.data(), value.bytes, sizeof(value.bytes));
  const std::size_t count = Bytes(value).size() / sizeof(Number);
  return fmt::format("{}", fmt::join(std::span(numbers).first(count), " "));
}

// As bitmap_print_to_pagebuf(): groups of 32 bits, highest first, without leading groups of zeros.
std::string Mask(const setting_value& value) {
  std::string text;
  for (std::size_t group = sizeof(value.bytes) / 4; group-- > 0;) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, value.bytes + 4 * group, sizeof(bits));
    if (!text.empty()) {
      text += fmt::format(",{:08x}", bits);
    } else if (bits || group == 0) {
      text = fmt::format("{:x}", bits);
    }
  }
  return text;
}

std::string Address(const setting_value& value) {
  return fmt::format("{:02x}", fmt::join(std::span(value.bytes).first(Bytes(value).size()), ":"));
}

std::string Whole(const setting_value& value) {
  switch (value.type) {
    case VALUE_INTEGER: return Numbers<std::int64_t>(value);
    case VALUE_TEXT: return PrintableText(Bytes(value));
    case VALUE_INTS: return Numbers<std::int32_t>(value);
    case VALUE_LONGS: return Numbers<std::int64_t>(value);
    case VALUE_MASK: return Mask(value);
    case VALUE_ADDRESS: return Address(value);
    default: return "?";
  }
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces(" \t\n\r\v\f\0", 7);
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// Parses like proc_get_long() in kernel/sysctl.c and kstrtoul().
std::optional<std::int64_t> NumberIn(std::string_view text) {
  text = Trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    base = (text[1] | 0x20) == 'x' ? 16 : 8;
    text.remove_prefix(base == 16 ? 2 : 1);
  }
  std::uint64_t number = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, base);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return static_cast<std::int64_t>(negative ? -number : number);
}

}  // namespace

std::optional<std::int64_t> WrittenNumber(const config_value& value) {
  std::int64_t number = 0;
  if (value.type == VALUE_INTEGER) {
    std::memcpy(&number, value.bytes, sizeof(number));
    return number;
  }
  if (value.type != VALUE_TEXT || value.size > sizeof(value.bytes)) return std::nullopt;
  return NumberIn({reinterpret_cast<const char*>(value.bytes), value.size});
}

std::string ValueText(const setting_value& value) {
  return Whole(value) + (value.size > sizeof(value.bytes) ? "…" : "");
}

}  // namespace netchange
