// The payload of a write: what two requests with one write_id must agree on. KeyedChange -> these
// -> WriteTransaction, which compares a repeat with what is recorded. Pure.
//   change = kind table { name cell } ";"   keys in key order, then what is set, by name
//   cell   = "-" (null)  |  length ":" text
#pragma once

#include <string>
#include <string_view>

#include "backend/statement.hpp"

namespace patchbay::backend {

/// The text of a change: equal for equal changes, by whichever route they came and in whichever
/// order they named the columns.
[[nodiscard]] std::string payload_text(const KeyedChange& change);

/// A short stable digest of payload texts.
[[nodiscard]] std::string payload_digest(std::string_view payload);

}  // namespace patchbay::backend
