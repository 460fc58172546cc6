// Reads the JSON of a request body, and of a default that the configuration names, within the
// bounds of tuning.hpp. Body -> parse_body -> write_request. A pure function. [any thread]
#pragma once

#include <patchbay/result.hpp>
#include <string_view>

#include "json/value.hpp"

namespace patchbay::backend {

/// ErrorCode::rejected: malformed, bad UTF-8, a NUL character, a member given twice, nested deeper
/// than kJsonDepthMax; ErrorCode::unsupported: more than kJsonValuesMax values.
[[nodiscard]] Result<json::Value> parse_body(std::string_view body);

}  // namespace patchbay::backend
