// From a change request and its table to the row it means, its SQL, and its share of the payload.
// Pure. WriteTransaction runs the statements and compares payloads of a repeated write_id.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "backend/catalogue.hpp"
#include "backend/session.hpp"
#include "backend/write_request.hpp"

namespace patchbay::backend {

/// A change with its key told apart from what it sets. Refers to the table and the configuration.
struct KeyedChange {
  OperationKind kind = OperationKind::insert;
  const Table* table = nullptr;
  const ExposedTable* exposed = nullptr;
  std::vector<std::pair<std::string, json::Value>> key;  ///< In key order; none for an insert.
  std::vector<std::pair<std::string, json::Value>> set;  ///< Without equal key columns.
  bool names_columns = false;                            ///< Key columns count.
  std::optional<WriteId> write_id;

  /// The table has a column write_id, and the configuration does not leave it out.
  [[nodiscard]] bool has_write_id() const noexcept;
};

/// Refusal 400: the key is incomplete or null.
[[nodiscard]] tl::expected<KeyedChange, Refusal> key_change(const ChangeRequest& request,
                                                            const Table& table);

/// A change as SQL; `columns` names the column of each parameter.
struct ChangeStatement {
  SqlStatement sql;
  std::vector<std::string> columns;
};

/// One statement, values as typed parameters. An update that sets its key to what it is only finds
/// the row. Refusal 400: unknown column, a value of a JSON type that the column does not take, an
/// update that names no column, a column that the configuration leaves out.
[[nodiscard]] tl::expected<ChangeStatement, Refusal> make_statement(const KeyedChange& change);

/// Finds the row that an update may change, and locks it as the update would.
[[nodiscard]] tl::expected<ChangeStatement, Refusal> make_lookup(const KeyedChange& change);

/// Equal for equal changes, whichever route they came by and in whatever order columns were named.
[[nodiscard]] std::string payload_text(const KeyedChange& change);

/// A short stable digest of payload texts.
[[nodiscard]] std::string payload_digest(std::string_view payload);

}  // namespace patchbay::backend
