#include "table_sql.hpp"

#include <algorithm>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/sql_template.hpp>
#include <patchbay/sqlite/store.hpp>

#include "column_lists.hpp"
#include "schema_text.hpp"
#include "schema_words.hpp"
#include "tuning.hpp"

namespace patchbay::immutable {
namespace {

using sqlite::quoted;

std::string insert(const std::string& table, const std::string& columns, std::size_t values,
                   std::size_t rows = 1) {
  std::string row = "(?";
  for (std::size_t at = 1; at < values; ++at) row += ",?";
  row += ")";
  std::string sql = "INSERT OR REPLACE INTO " + table + " (" + columns + ") VALUES ";
  for (std::size_t at = 0; at < rows; ++at) sql += (at == 0 ? "" : ",") + row;
  return sql;
}

std::string_view select_of_view() {
  const std::size_t begin = kSchemaText.find("SELECT", kSchemaText.find("CREATE VIEW"));
  return kSchemaText.substr(begin, kSchemaText.find(';', begin) - begin);
}

}  // namespace

TableSql::TableSql(const TableSchema& schema)
    : view(quoted(schema.name)),
      rows("(" + sqlite::fill_sql(select_of_view(), exact_words(schema)) + ")"),
      synced(quoted(schema.name + "_synced")),
      local(quoted(schema.name + "_local")),
      stage(quoted("patchbay_stage_" + schema.name)),
      names_taken{schema.name, schema.name + "_synced", schema.name + "_local"},
      create(sqlite::fill_sql(kSchemaText, schema_words(schema))),
      drop_view("DROP VIEW IF EXISTS " + view),
      drop_stage("DROP TABLE IF EXISTS " + stage) {
  const std::size_t count = schema.columns.size();
  const std::string columns = names(schema, all_columns(schema));
  const std::string by_key = " WHERE " + joined(schema.key, " AND ", [&](std::uint32_t column) {
                               return quoted(schema.columns[column].name) + " = ?";
                             });
  drop = drop_view + "; DROP TABLE IF EXISTS " + synced + "; DROP TABLE IF EXISTS " + local;

  put_synced = insert(synced, columns, count);
  remove_synced_by_key = "DELETE FROM " + synced + by_key;
  find_synced_by_key = "SELECT " + columns + " FROM " + synced + by_key;
  const std::string local_columns =
      columns + ", patchbay_kind, patchbay_in_synced, " + masks(schema, ", ");
  put_local = insert(local, local_columns, count + 2 + mask_count(schema));
  remove_local_by_key = "DELETE FROM " + local + by_key + " AND patchbay_in_synced = ?";
  from_version_2 = drop_view + "; " + create;
  from_version_1 = drop_view + "; CREATE TEMP TABLE patchbay_kept_local AS SELECT " +
                   local_columns + " FROM " + local + "; DROP TABLE " + local + "; " + create +
                   "; INSERT INTO " + local + " (" + local_columns + ") SELECT " + local_columns +
                   " FROM temp.patchbay_kept_local"
                   " WHERE patchbay_in_synced = 1 OR patchbay_kind = 'created';"
                   " DROP TABLE temp.patchbay_kept_local";

  const std::string reals = sqlite::columns_with_reals(schema);
  const std::string local_rest = local_columns.substr(columns.size());
  floats_to_real = "CREATE TEMP TABLE patchbay_kept_local AS SELECT " + local_columns + " FROM " +
                   local + "; CREATE TEMP TABLE patchbay_kept_synced AS SELECT " + columns +
                   " FROM " + synced + "; " + drop + "; " + create + "; INSERT OR REPLACE INTO " +
                   local + " (" + local_columns + ") SELECT " + reals + local_rest +
                   " FROM temp.patchbay_kept_local; INSERT OR REPLACE INTO " + synced + " (" +
                   columns + ") SELECT " + reals +
                   " FROM temp.patchbay_kept_synced;"
                   " DROP TABLE temp.patchbay_kept_local; DROP TABLE temp.patchbay_kept_synced";

  create_stage = "CREATE TABLE " + stage + " (" + definitions(schema, ", ") + ", PRIMARY KEY (" +
                 names(schema, schema.key) + ")) WITHOUT ROWID";
  stage_to_synced =
      "DROP TABLE IF EXISTS " + synced + "; ALTER TABLE " + stage + " RENAME TO " + synced;
  drop_synced = "DROP TABLE IF EXISTS " + synced;
  copy_stage = "INSERT INTO " + synced + " (" + columns + ") SELECT " + columns + " FROM " + stage +
               "; DROP TABLE " + stage;
  rows_per_insert = std::max<std::size_t>(1, tuning::kStageParametersMax / count);
  put_stage_many = insert(stage, columns, count, rows_per_insert);
  put_stage = insert(stage, columns, count);
}

}  // namespace patchbay::immutable
