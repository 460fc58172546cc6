// Reads the body of an answer that refuses a request. HTTP answer -> follower. A function without
// state; any thread.
#pragma once

#include <string>

namespace patchbay::electric {

struct Refusal {
  std::string message;  ///< In the server's words, bounded; the body itself where it is not JSON.
  bool offset_out_of_bounds = false;
};

/// Reads a body of any bytes; errors of single parameters follow the message.
[[nodiscard]] Refusal parse_refusal(std::string body);

}  // namespace patchbay::electric
