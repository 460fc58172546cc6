// Writes JSON strings. Messages are assembled as text, once, and sent as they are; a tree of values
// would cost several times as much. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::embedded {

/// Appends `text` (UTF-8) as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace patchbay::embedded
