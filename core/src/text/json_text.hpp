// JSON strings for whatever is assembled as text, once, and sent as it is: writes, and the messages
// of the sync service. A tree of values would cost several times as much. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::text {

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 pass as they are.
void append_json_string(std::string& out, std::string_view text);

[[nodiscard]] std::string json_string(std::string_view text);

/// Whether a strict reader would take it: no overlong forms, no surrogates, nothing cut off.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace patchbay::text
