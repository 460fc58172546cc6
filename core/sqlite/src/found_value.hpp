// FoundValue: a value as SQLite holds it, from a statement's column or from a literal in the local
// log. Both -> found_cell -> Postgres text.
#pragma once

#include <cstdint>
#include <patchbay/row.hpp>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

struct FoundValue {
  enum class Kind : std::uint8_t { null, integer, real, text, blob };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;  ///< Of a text or blob.
};

/// The value as Postgres text; the cell points into `into`, into the value, or to a literal.
[[nodiscard]] Cell found_cell(const FoundValue& value, const Column& column, std::string& into);

}  // namespace patchbay::sqlite
