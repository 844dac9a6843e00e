// SPDX-License-Identifier: Apache-2.0
// Makes text from the kernel, which may contain any bytes, safe for labels, JSON, HTML and
// terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace netchange {

/// Valid UTF-8 without control characters and without marks that change the direction of writing.
/// Each other byte becomes `\xNN`.
std::string PrintableText(std::string_view bytes);

/// The text in a fixed array: it ends at its first NUL, or at its end.
template <std::size_t size>
std::string_view TextIn(const char (&bytes)[size]) {
  const std::string_view all(bytes, size);
  return all.substr(0, all.find('\0'));
}

template <std::size_t size>
std::string PrintableText(const char (&bytes)[size]) {
  return PrintableText(TextIn(bytes));
}

/// Writes as much of `text` as leaves the last byte as it is. `bytes` must be zero.
template <std::size_t size>
void CopyText(std::string_view text, char (&bytes)[size]) {
  text.copy(bytes, size - 1);
}

/// Escapes `text` for HTML, in elements and in quoted attributes.
std::string HtmlText(std::string_view text);

}  // namespace netchange
