// SPDX-License-Identifier: Apache-2.0
#include "collectors/datum_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "util/text.h"

namespace netchange {
namespace {

std::string_view Bytes(const datum& value) {
  const auto* bytes = reinterpret_cast<const char*>(value.bytes);
  return {bytes, std::min<std::size_t>(value.size, sizeof(value.bytes))};
}

template <class Number>
std::string Numbers(const datum& value) {
  std::string text;
  for (std::string_view rest = Bytes(value); rest.size() >= sizeof(Number);
       rest.remove_prefix(sizeof(Number))) {
    Number number = 0;
    std::memcpy(&number, rest.data(), sizeof(number));
    text += (text.empty() ? "" : " ") + std::to_string(number);
  }
  return text;
}

// As bitmap_print_to_pagebuf(): groups of 32 bits, the highest first; groups of zeros before the
// first bit that is set are left out.
std::string Mask(const datum& value) {
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

std::string Address(const datum& value) {
  std::string text;
  for (const char byte : Bytes(value))
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", static_cast<unsigned char>(byte));
  return text;
}

std::string Whole(const datum& value) {
  switch (value.type) {
    case DATUM_INTEGER: return Numbers<std::int64_t>(value);
    case DATUM_TEXT: return PrintableText(Bytes(value));
    case DATUM_INTS: return Numbers<std::int32_t>(value);
    case DATUM_LONGS: return Numbers<std::int64_t>(value);
    case DATUM_MASK: return Mask(value);
    case DATUM_ADDRESS: return Address(value);
    default: return "?";
  }
}

}  // namespace

std::string DatumText(const datum& value) {
  return Whole(value) + (value.size > sizeof(value.bytes) ? "…" : "");
}

}  // namespace netchange
