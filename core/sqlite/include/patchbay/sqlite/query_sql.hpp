// query_sql: a Query as SQL over a table or view of rows, ordered and compared as Postgres does it
// for each type: exactly the answer that query_match.hpp gives in memory. Pattern::read -> query ->
// RowSink. No state except that of the connection.
//
//   bool, whole numbers, texts, and uuids that are keys compare as SQLite does it, so that indices
//   serve; everything else by a collation built on patchbay/kit/cell_order.hpp
#pragma once

#include <patchbay/host.hpp>
#include <patchbay/query.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string>

namespace patchbay::sqlite {

/// Registers the collations that order numbers, instants and bytes kept as text, and the functions
/// of floats.hpp, for this connection only: nothing in the file depends on them.
void add_collations(SQLite::Database& database);

/// The source of the rows of a table.
struct Relation {
  std::string name;           ///< Of a table or view, quoted; or a SELECT in brackets.
  const TableSchema& schema;  ///< The columns. A query may speak of an older or newer schema.
};

/// Runs the query against the relation and hands its rows, made for the query's schema, to the
/// sink. Throws SQLite::Exception; used inside Store::read.
void answer_query(Host& host, const Store& store, const Relation& relation, const Query& query,
                  RowSink& sink);

}  // namespace patchbay::sqlite
