// TableSchema: the columns and the primary key of one table, as the stream describes them.
// Made by the host from the stream, handed to patterns by reference. Immutable; one that was ever
// handed out lives as long as the process, so rows and patterns may keep plain pointers to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// One column. `type` is Postgres's own name of the (element) type: "uuid", "int8", "timestamptz".
struct Column {
  std::string name;
  std::string type;
  std::uint32_t dimensions = 0;  ///< 0 for a plain value, else the dimensions of the array.
  bool not_null = false;
};

/// Shape: `columns` in ascending order of name; `key` holds indices into it, in key order, never
/// empty. A change of the server's table makes a new TableSchema with the same `name`.
struct TableSchema {
  std::string name;  ///< As configured: "items", or "app.items" outside the schema public.
  std::vector<Column> columns;
  std::vector<std::uint32_t> key;

  /// The index of the column of that name. [any thread]
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view column) const noexcept {
    for (std::uint32_t index = 0; index < columns.size(); ++index) {
      if (columns[index].name == column) return index;
    }
    return std::nullopt;
  }
  /// True when the column is part of the primary key. [any thread]
  [[nodiscard]] bool is_key(std::uint32_t column) const noexcept {
    for (const std::uint32_t index : key) {
      if (index == column) return true;
    }
    return false;
  }
};

}  // namespace patchbay
