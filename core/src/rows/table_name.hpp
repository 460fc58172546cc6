// TableName: a table by schema and name, and the one grammar in which a table is named. People,
// configuration, URLs and streams → TableName → SQL and comparisons. A value; no strand.
//
//   name = part | part "." part                     one part: a table of the schema public
//   part = '"' characters, '"' doubled '"' | bare   read as BareParts says
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>

namespace patchbay::rows {

/// How a part without double quotes is read.
enum class BareParts : std::uint8_t {
  folded,  ///< As SQL reads it: letters of any language, digits, '_' and '$', folded to lower case.
  exact,   ///< Letter for letter: any characters except '.' and '"'.
};

struct TableName {
  std::string schema;
  std::string name;

  /// Reads the grammar above; nullopt for anything else, and for a text with a NUL.
  [[nodiscard]] static std::optional<TableName> parse(std::string_view text, BareParts bare);
  /// The name whose parse under BareParts::exact gives this table, with as few quotes as possible.
  [[nodiscard]] std::string exact_text() const;
  /// The same under BareParts::folded. One text for each table: the process compares by it.
  [[nodiscard]] std::string folded_text() const;
  /// Both parts quoted, for a statement.
  [[nodiscard]] std::string sql() const;

  friend bool operator==(const TableName&, const TableName&) = default;
  friend auto operator<=>(const TableName&, const TableName&) = default;
};

/// `identifier` in double quotes, with its own doubled.
[[nodiscard]] std::string quote_identifier(std::string_view identifier);

/// The folded_text of the table that `name` names when read as SQL reads it. ErrorCode::rejected
/// for anything that names no table.
[[nodiscard]] Result<std::string> canonical_table(std::string_view name);

}  // namespace patchbay::rows
