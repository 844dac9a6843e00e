// SPDX-License-Identifier: Apache-2.0
#include "metrics/label_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace netchange {
namespace {

constexpr std::size_t kFirstRoom = 512;

// Copies some bytes to memory with the same number of bytes, and returns them as a number.
template <class Word>
std::uint64_t Copy(char* to, const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof(word));
  std::memcpy(to, &word, sizeof(word));
  return word;
}

// The same byte eight times.
constexpr std::uint64_t All(std::uint8_t byte) { return byte * std::uint64_t{0x0101010101010101}; }

// Not 0 if a byte of the word is less than `least`, which is at most 0x80.
constexpr std::uint64_t BytesBelow(std::uint64_t word, std::uint8_t least) {
  return (word - All(least)) & ~word & All(0x80);
}
constexpr std::uint64_t BytesEqual(std::uint64_t word, std::uint8_t byte) {
  return BytesBelow(word ^ All(byte), 1);
}

// Not 0 if a byte is no printable ASCII, or is escaped in a label.
constexpr std::uint64_t SpecialBytes(std::uint64_t word) {
  return (word & All(0x80)) | BytesBelow(word, ' ') | BytesEqual(word, 0x7f) |
         BytesEqual(word, '"') | BytesEqual(word, '\\');
}

// Copies eight bytes at a time, at the end some of them once more. Not 0 if a byte is special.
std::uint64_t CopyAndTest(char* to, std::string_view part) {
  const char* from = part.data();
  const std::size_t size = part.size();
  std::uint64_t special = 0;
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8)
      special |= SpecialBytes(Copy<std::uint64_t>(to + at, from + at));
    return special | SpecialBytes(Copy<std::uint64_t>(to + size - 8, from + size - 8));
  }
  if (size >= 4) {
    const std::uint64_t first = Copy<std::uint32_t>(to, from);
    return SpecialBytes(first << 32 | Copy<std::uint32_t>(to + size - 4, from + size - 4));
  }
  std::uint64_t word = All('x');
  for (std::size_t at = 0; at < size; ++at)
    word = word << 8 | Copy<std::uint8_t>(to + at, from + at);
  return SpecialBytes(word);
}

}  // namespace

std::string LabelBegin(std::string_view name) { return std::string(name) + "=\""; }

void LabelText::Reserve(std::size_t more) {
  if (size_ + more <= room_) return;
  room_ = std::max({kFirstRoom, 2 * room_, size_ + more});
  auto larger = std::make_unique_for_overwrite<char[]>(room_);
  if (size_) std::memcpy(larger.get(), text_.get(), size_);
  text_ = std::move(larger);
}

bool LabelText::AppendPlain(std::string_view part) {
  Reserve(part.size());
  if (CopyAndTest(text_.get() + size_, part)) return false;
  size_ += part.size();
  return true;
}

void LabelText::AppendEscaped(std::string_view part) {
  Reserve(2 * part.size());
  for (const char c : part) {
    if (c == '\\' || c == '"' || c == '\n') text_[size_++] = '\\';
    text_[size_++] = c == '\n' ? 'n' : c;
  }
}

void LabelText::Begin(std::string_view label_begin) {
  Reserve(label_begin.size() + 1);
  label_ = size_;
  if (size_) text_[size_++] = ',';
  CopyAndTest(text_.get() + size_, label_begin);
  size_ += label_begin.size();
  value_ = size_;
}

void LabelText::Append(std::string_view part) {
  if (!AppendPlain(part)) AppendEscaped(part);
}

void LabelText::AppendPrintable(std::string_view part) {
  if (!AppendPlain(part)) AppendEscaped(PrintableText(part));
}

void LabelText::End() {
  if (size_ == value_) {
    size_ = label_;
    return;
  }
  Reserve(1);
  text_[size_++] = '"';
}

void LabelText::Add(std::string_view name, std::string_view value) {
  Begin(LabelBegin(name));
  Append(value);
  End();
}

}  // namespace netchange
