// TableName: a table as configuration, URLs and statements name it. A plain value.
//   name   = part | part "." part          one part: a table of the schema public
//   part   = '"' any character, '"' doubled '"'  |  characters but '.' and '"', taken as they are
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::backend {

struct TableName {
  std::string schema;
  std::string name;

  /// Reads the grammar above; nullopt for anything else.
  [[nodiscard]] static std::optional<TableName> parse(std::string_view text);
  /// What `parse` reads back: without "public.", quotes only where the grammar needs them.
  [[nodiscard]] std::string text() const;
  /// Both parts quoted, as a statement needs it.
  [[nodiscard]] std::string sql() const;
  /// As Electric's `table` parameter wants it: quoted where a folded identifier would differ.
  [[nodiscard]] std::string electric() const;

  friend bool operator==(const TableName&, const TableName&) = default;
};

/// `identifier` in double quotes, its own doubled.
[[nodiscard]] std::string quote_identifier(std::string_view identifier);

}  // namespace patchbay::backend
