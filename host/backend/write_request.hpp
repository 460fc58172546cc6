// WriteRequest: a write as its request names it, before any table was read. REST body or an element
// of POST /changes -> WriteRequest -> WriteTransaction. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/write.hpp>
#include <patchbay/write_id.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "backend/exposed_table.hpp"
#include "backend/outcome.hpp"
#include "backend/route.hpp"
#include "json/value.hpp"
#include "net/http.hpp"
#include "rows/table_name.hpp"

namespace patchbay::backend {

/// One row's part of a write. The row is named by `key_segments` (URL), else by `key` (an object of
/// the key columns), else by the key columns inside `value`.
struct ChangeRequest {
  OperationKind kind = OperationKind::insert;
  rows::TableName table;
  const ExposedTable* exposed = nullptr;  ///< The table's configuration; null: none.
  std::vector<std::string> key_segments;
  std::optional<json::Value> key;
  json::Value value;                ///< An object: columns and what they are set to.
  std::optional<WriteId> write_id;  ///< For the table's write_id column.
};

/// Shape: `refusal` is set when the request is malformed; the rest is then incomplete.
struct WriteRequest {
  std::optional<WriteId> write_id;
  std::optional<std::int64_t> sent_after_s;  ///< Unix time before its first sending.
  bool provisional = false;                  ///< Sent past an earlier write that has no outcome.
  std::vector<ChangeRequest> changes;
  std::optional<Refusal> refusal;
};

/// One element of POST /changes; `id` is the sender's own.
struct ChangesElement {
  std::string id;
  WriteRequest write;
};

/// Reads POST /<table>, PUT and DELETE /<table>/<key…>. Body members are columns, except
/// `write_id` and `sent_after`; a DELETE has these in the query, or in a body when there is one.
/// `provisional` is always in the query.
[[nodiscard]] WriteRequest parse_rest_write(const Route& route, const net::QueryParameters& query,
                                            std::string_view body, const ExposedTables& exposed);

/// Reads POST /changes. A Refusal concerns the whole request; a malformed element is refused alone.
[[nodiscard]] tl::expected<std::vector<ChangesElement>, Refusal> parse_changes(
    std::string_view body, const ExposedTables& exposed);

}  // namespace patchbay::backend
