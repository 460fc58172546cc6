// Statements: from a change request and its table to the row that it names and the SQL that changes
// that row. WriteRequest -> these -> WriteTransaction, which runs the statements. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "backend/catalogue.hpp"
#include "backend/session.hpp"
#include "backend/write_request.hpp"

namespace patchbay::backend {

/// A change with its key apart from what it sets. Refers to the table and the configuration.
struct KeyedChange {
  OperationKind kind = OperationKind::insert;
  const Table* table = nullptr;
  const ExposedTable* exposed = nullptr;
  std::vector<std::pair<std::string, json::Value>> key;  ///< In key order; none for an insert.
  std::vector<std::pair<std::string, json::Value>> set;  ///< Without equal key columns.
  bool names_columns = false;                            ///< Key columns count.
  std::optional<WriteId> write_id;

  /// Whether the table has a column write_id that the configuration does not leave out.
  [[nodiscard]] bool has_write_id() const noexcept;
};

/// Separates key and columns. Refusal 400: the key is incomplete or null.
[[nodiscard]] tl::expected<KeyedChange, Refusal> key_change(const ChangeRequest& request,
                                                            const Table& table);

/// A change as SQL; `columns` names the column of each parameter.
struct ChangeStatement {
  SqlStatement sql;
  std::vector<std::string> columns;
};

/// Makes one statement, with values as typed parameters. An update that sets only its key, to its
/// present value, becomes a lookup of the row. Refusal 400: unknown column, a value of a JSON type
/// that the column does not take, an update that names no column, a column that the configuration
/// leaves out.
[[nodiscard]] tl::expected<ChangeStatement, Refusal> make_statement(const KeyedChange& change);

/// Finds the row that an update may change, and locks it as the update would.
[[nodiscard]] tl::expected<ChangeStatement, Refusal> make_lookup(const KeyedChange& change);

}  // namespace patchbay::backend
