// Origins of web pages, as browsers send them and as settings name them. Pure functions.
//
//   origin = scheme "://" host [ ":" port ]     "http://localhost:5173"
#pragma once

#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::access {

/// The text that stands for pages of any origin.
constexpr std::string_view kAnyOrigin = "*";

/// In lower case and without the port that its scheme implies, so that equal origins are equal
/// texts. Nothing: it is not an origin ("null", a path behind it, a name and password in it).
[[nodiscard]] std::optional<std::string> canonical_origin(std::string_view text);

/// ErrorCode::rejected names the one of `setting` that is neither an origin nor "*".
[[nodiscard]] Result<void> check_origins(std::string_view setting,
                                         const std::vector<std::string>& origins);

/// True when a list that check_origins takes has the Origin header's value, or "*".
[[nodiscard]] bool is_among(const std::vector<std::string>& allowed, std::string_view origin);

/// True when a page of that origin came from the server that the Host header names.
[[nodiscard]] bool is_own_origin(std::string_view origin, std::string_view host);

}  // namespace patchbay::access
