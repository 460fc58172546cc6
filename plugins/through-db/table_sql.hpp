// TableSql: all SQL about one table of the server, made from its schema. Values, made when a table
// is prepared, used by all that works on its rows. The tables and triggers themselves are in
// schema.sql.
//
//   <t>                 the app's table: plain rows
//   patchbay_base_<t>   the server's version of the rows that have unfinished writes
//   patchbay_stage_<t>  the rows of a reset, until all of them are there
#pragma once

#include <patchbay/schema.hpp>
#include <string>
#include <string_view>

namespace patchbay::through_db {

/// Parameters are numbered as the columns of the schema are ordered; those of `…_by_key` as the
/// key's columns are.
struct TableSql {
  explicit TableSql(const TableSchema& schema);

  const TableSchema* schema;
  std::string live;   ///< The quoted name.
  std::string base;   ///< The quoted name.
  std::string stage;  ///< The quoted name.
  std::string create;

  std::string put;            ///< The row is in the live table; writes nothing when it is there.
  std::string remove_by_key;  ///< From the live table.
  std::string find_by_key;    ///< In the live table.

  std::string put_base;   ///< One more parameter behind the columns: 1 when there is no such row.
  std::string keep_base;  ///< The same, where no base is kept yet.
  std::string remove_base_by_key;
  std::string find_base_by_key;  ///< patchbay_absent behind the columns.
  std::string all_bases;         ///< The same of every base.

  /// Floats were TEXT before version 6. Needs the functions of floats.hpp and silent triggers.
  std::string floats_to_real;

  std::string create_stage;
  std::string put_stage;
  std::string base_from_stage;
  std::string remove_what_is_not_staged;
  std::string live_from_stage;
};

/// The column names of a list, quoted: "id", "title".
[[nodiscard]] std::string quoted_names(const TableSchema& schema, std::string_view prefix = "");

}  // namespace patchbay::through_db
