// SPDX-License-Identifier: Apache-2.0
// The labels of a series as the text format has them: `device="eth0",comm="ethtool"`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "util/text.h"

namespace netchange {

/// `name="`, the beginning of a label.
std::string LabelBegin(std::string_view name);

/// Labels, one after the other. Keeps its memory when it is cleared. Not thread-safe.
class LabelText {
 public:
  /// A whole label. Nothing if `value` is empty.
  void Add(std::string_view name, std::string_view value);

  /// The same in steps: Begin() with a LabelBegin(), then the parts of the value, then End(), which
  /// removes a label without a value.
  void Begin(std::string_view label_begin);
  /// Escapes `\`, `"` and newlines.
  void Append(std::string_view part);
  /// The same of PrintableText(part).
  void AppendPrintable(std::string_view part);
  template <std::size_t size>
  void AppendPrintable(const char (&bytes)[size]) {
    AppendPrintable(TextIn(bytes));
  }
  void End();

  void Clear() { size_ = 0; }
  /// Valid until the next call.
  [[nodiscard]] std::string_view text() const {
    return size_ ? std::string_view(text_.get(), size_) : std::string_view("");
  }

 private:
  void Reserve(std::size_t more);
  // Appends the part, and is true, if each of its bytes is printable ASCII that is not escaped.
  bool AppendPlain(std::string_view part);
  void AppendEscaped(std::string_view part);

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::size_t label_ = 0;  // where the last label begins, with its comma
  std::size_t value_ = 0;  // … and its value
};

}  // namespace netchange
