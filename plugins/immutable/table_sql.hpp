// TableSql: the SQL of one synced table, as texts: its tables, view and triggers (schema.sql,
// filled in) and the statements of ImmutableRows. Made once for each schema.
//
//   <t>_synced  the server's rows, changed by the stream alone
//   <t>_local   one row for each key whose unfinished writes make something of it
//   <t>         the view: what a reader sees and where anybody writes
//   patchbay_stage_<t>  the rows of a reset until they take the place of <t>_synced
//
// A table outside the schema public keeps its dot: the view "app.items", the table
// "app.items_synced".
#pragma once

#include <cstddef>
#include <patchbay/schema.hpp>
#include <string>
#include <vector>

namespace patchbay::immutable {

/// Names are quoted. Parameters: put_… every column, …_by_key the key's.
struct TableSql {
  explicit TableSql(const TableSchema& schema);

  std::string view;
  /// The view's rows with each value as it is kept: a CAST makes 0 of a text that is not a number.
  std::string rows;
  std::string synced;
  std::string local;
  std::string stage;
  /// The unquoted names that the table takes in the file.
  std::vector<std::string> names_taken;

  /// Makes what is not there; the view must not be.
  std::string create;
  std::string drop;
  std::string drop_view;

  std::string put_synced;
  std::string remove_synced_by_key;
  std::string find_synced_by_key;
  std::string put_local;            ///< Parameters: every column, kind, in_synced, the masks.
  std::string remove_local_by_key;  ///< Parameters: the key, in_synced.
  /// Version 1 of the file had its local tables in another order.
  std::string from_version_1;
  /// The triggers of version 2 cut a text at the character U+0000.
  std::string from_version_2;
  /// Floats were TEXT before version 6. Needs the functions of floats.hpp.
  std::string floats_to_real;

  std::string create_stage;
  std::string drop_stage;
  std::string stage_to_synced;
  std::string drop_synced;  ///< With `create` and then copy_stage in its place.
  std::string copy_stage;
  std::size_t rows_per_insert;
  std::string put_stage_many;  ///< rows_per_insert rows in one statement.
  std::string put_stage;
};

}  // namespace patchbay::immutable
