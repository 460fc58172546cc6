// Result<T>: how every operating error travels, from a library's adapter up to the app. Its code
// says what the caller can do next; its message says what was wrong, where, and what to do. Plain
// values, owned by their holder and copied at the border of a module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace patchbay {

/// The ways in which a caller can react to an error.
enum class ErrorCode : std::uint8_t {
  retry,        ///< Nothing happened; the same call may succeed later (busy, full, unreachable).
  rejected,     ///< Refused for good: the input is wrong, or the server said no.
  in_doubt,     ///< Happened or not, nobody knows; the outcome follows as an event.
  corrupt,      ///< Stored or received data is damaged.
  unsupported,  ///< Impossible for this build, plugin or server.
  cancelled,    ///< The callee is shutting down, or the caller has withdrawn its request.
};

/// Why something failed: one code and one complete sentence.
struct Error {
  ErrorCode code = ErrorCode::rejected;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value, or why there is none.
template <typename T>
using Result = tl::expected<T, Error>;

/// Makes the failed half of a Result: `return failure(ErrorCode::retry, "…");`
[[nodiscard]] inline tl::unexpected<Error> failure(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// The code as it is spelled here: "retry".
[[nodiscard]] constexpr std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::retry:
      return "retry";
    case ErrorCode::rejected:
      return "rejected";
    case ErrorCode::in_doubt:
      return "in_doubt";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::cancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace patchbay
