// query_sql: a Query as SQL over a table or view that has the schema's columns, ordered and
// compared as Postgres does it for each type. Pattern::read -> query -> RowSink.
#pragma once

#include <patchbay/host.hpp>
#include <patchbay/query.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string_view>

namespace patchbay::sqlite {

/// Registers the collations that order numbers, instants and bytes kept as text; on this connection
/// alone, so no other program ever meets them in the file.
void add_collations(SQLite::Database& database);

/// Runs the query against `relation` (a quoted name) and hands its rows to the sink. Throws
/// SQLite::Exception; used inside Store::read. Orders that an index can serve use it.
void answer_query(Host& host, const Store& store, std::string_view relation, const Query& query,
                  RowSink& sink);

}  // namespace patchbay::sqlite
