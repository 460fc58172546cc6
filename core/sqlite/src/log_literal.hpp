// log_literal: one value of the local log: "=" and a text, or an SQL literal as quote() writes it.
// LocalLog -> here -> found_cell. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "found_value.hpp"

namespace patchbay::sqlite {

/// The value; its text points into `into`. Nullopt for what is neither.
[[nodiscard]] std::optional<FoundValue> read_logged(std::string_view logged, std::string& into);

}  // namespace patchbay::sqlite
