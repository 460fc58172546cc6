// TableSchema: the columns and the primary key of one table, as the stream describes them. Made by
// the host from the stream, handed to patterns by reference. Immutable. A schema that was handed
// out lives as long as the process, so rows and patterns may keep plain pointers to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// One column of a table. `type` is Postgres's own name of its type, for an array of the type of
/// its elements: "uuid", "int8", "timestamptz".
struct Column {
  std::string name;
  std::string type;
  std::uint32_t dimensions = 0;  ///< Of an array; 0 for a plain value.
  bool not_null = false;
};

/// The columns of one table, in ascending order of name. A change of the table at the server makes
/// a new TableSchema with the same `name`.
struct TableSchema {
  std::string name;  ///< As configured: "items", or "app.items" outside the schema public.
  std::vector<Column> columns;
  std::vector<std::uint32_t> key;  ///< Indices into `columns`, in key order; never empty.

  /// The index of the column of that name; nullopt when the table has no such column. [any thread]
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view column) const noexcept {
    for (std::uint32_t index = 0; index < columns.size(); ++index) {
      if (columns[index].name == column) return index;
    }
    return std::nullopt;
  }
  /// Says whether the column is part of the primary key. [any thread]
  [[nodiscard]] bool is_key(std::uint32_t column) const noexcept {
    for (const std::uint32_t index : key) {
      if (index == column) return true;
    }
    return false;
  }
};

}  // namespace patchbay
