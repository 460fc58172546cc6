// ExposedTable: a table that the backend serves, and what the configuration says of it.
// BackendOptions -> these -> requests, statements and descriptions. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/catalogue.hpp"
#include "backend/table_name.hpp"
#include "json/value.hpp"

namespace patchbay::backend {

struct ExposedTable {
  TableName name;
  std::vector<std::string> columns_except{};  ///< As if the table did not have them.
  /// What an insert sets where it names no value. No part of the payload: a repeat may come by
  /// another route, or after the configuration was changed.
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
                                             const TableName& name) noexcept;

}  // namespace patchbay::backend
