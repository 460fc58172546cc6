// log_literal: one value of the local log, an SQL literal as quote() writes it. LocalLog -> here ->
// found_cell. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "found_value.hpp"

namespace patchbay::sqlite {

/// The value; its text points into `into`. Nullopt for what is no literal.
[[nodiscard]] std::optional<FoundValue> read_literal(std::string_view literal, std::string& into);

}  // namespace patchbay::sqlite
