// SPDX-License-Identifier: Apache-2.0
// A value, or the reason why there is none. Failures are values with context; nothing here throws.
#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace netchange {

/// One line for a person: what was tried, on what, and why it failed.
struct Error {
  std::string message;
};

/// `what` with the text of a (positive) errno value.
inline Error SystemError(const std::string& what, int error) {
  return {what + ": " + std::strerror(error)};
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit, for return statements
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit, for return statements

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  /// Call only if there is a value.
  T& operator*() { return std::get<T>(state_); }
  const T& operator*() const { return std::get<T>(state_); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }
  /// Call only if there is no value.
  [[nodiscard]] const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Result of an operation that may fail and returns nothing.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit, for return statements

  explicit operator bool() const { return !error_.has_value(); }
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace netchange
