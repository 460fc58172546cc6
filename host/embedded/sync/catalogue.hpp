// Reads PostgreSQL's catalogue: the columns, key and state of tables. Functions on a connection of
// the caller; they block. Used by CatalogueThread, the snapshot reader and database_objects.
#pragma once

#include <cstdint>
#include <patchbay/result.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "database/pg_connection.hpp"
#include "embedded/sync/shape_request.hpp"
#include "embedded/sync/table_definition.hpp"

namespace patchbay::embedded {

/// A table, or why no shape of it can be served.
using TableAnswer = tl::expected<TableDefinition, Refusal>;

/// The refusal of a table that does not exist, and of one that is not served.
[[nodiscard]] Refusal no_such_table(const TableName& name);

/// Describes a table for a shape. The outer error: the database did not answer.
[[nodiscard]] Result<TableAnswer> describe_table(PgConnection& connection, const TableName& name,
                                                 const std::string& publication);

/// TableDefinition::state of a table; "" when it no longer exists.
struct TableState {
  std::uint32_t table = 0;
  std::string state;
};
[[nodiscard]] Result<std::vector<TableState>> read_states(PgConnection& connection,
                                                          const std::vector<std::uint32_t>& tables,
                                                          const std::string& publication);

}  // namespace patchbay::embedded
