// SPDX-License-Identifier: Apache-2.0
#include "metrics/series_table.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace netchange {
namespace {

constexpr std::size_t kFirstBlock = std::size_t{64} << 10;
constexpr std::size_t kBlock = std::size_t{256} << 10;

}  // namespace

std::byte* SeriesTable::Room(std::size_t size) {
  if (blocks_.empty() || blocks_.back().memory.size() - blocks_.back().used < size) {
    const bool first = blocks_.empty();  // most tables fill only a part of it
    blocks_.push_back({MappedMemory(std::max(first ? kFirstBlock : kBlock, size), !first)});
  }
  Block& block = blocks_.back();
  std::byte* room = block.memory.data() + block.used;
  block.used += size;
  return room;
}

void SeriesTable::Add(std::string_view labels, std::string_view errno_label, std::uint16_t families,
                      std::span<const Number> numbers) {
  const Row row{static_cast<std::uint32_t>(labels.size()),
                static_cast<std::uint16_t>(errno_label.size()), families,
                static_cast<std::uint8_t>(numbers.size()), collector_};
  std::byte* at = Room(kRowHead + numbers.size_bytes() + row.text_room());
  new (at) Row(row);
  at += kRowHead;
  std::memcpy(at, numbers.data(), numbers.size_bytes());
  at += numbers.size_bytes();
  std::memcpy(at, labels.data(), labels.size());  // zeros follow: the memory is new
  at[labels.size()] = std::byte{1};
  std::memcpy(at + labels.size() + 1, errno_label.data(), errno_label.size());
  ++size_;
}

}  // namespace netchange
