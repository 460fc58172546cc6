// ExposedTable: a table that the backend serves, with its part of the configuration.
// BackendOptions -> ExposedTable -> requests, statements and descriptions. A plain value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/catalogue.hpp"
#include "json/value.hpp"
#include "rows/table_name.hpp"

namespace patchbay::backend {

struct ExposedTable {
  rows::TableName name;
  std::vector<std::string> columns_except{};  ///< Treated as if the table did not have them.
  /// The values that an insert sets where it names none. Not part of the payload: a repeat may come
  /// by another route, or after the configuration was changed.
  std::vector<std::pair<std::string, json::Value>> insert_defaults{};

  [[nodiscard]] bool leaves_out(std::string_view column) const noexcept;
  /// The table as its users see it.
  [[nodiscard]] Table shown(const Table& table) const;
};

/// All columns, as the stream protocol names those of a shape.
[[nodiscard]] std::string column_list(const Table& table);

using ExposedTables = std::vector<ExposedTable>;

/// Null when the table is not exposed.
[[nodiscard]] const ExposedTable* find_table(const ExposedTables& tables,
                                             const rows::TableName& name) noexcept;

}  // namespace patchbay::backend
