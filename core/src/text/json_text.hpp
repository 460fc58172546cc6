// Strings of JSON texts that are assembled once and sent as they are: kit/json_text.hpp writes
// them, and is_utf8 tells whether readers take the bytes. A tree of values would cost several times
// as much. Pure functions. [any thread]
#pragma once

#include <patchbay/kit/json_text.hpp>
#include <string_view>

namespace patchbay::text {

/// True for bytes that a strict reader takes as UTF-8: no overlong forms, no surrogates, nothing
/// cut off.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace patchbay::text
