#include "table_sql.hpp"

#include <functional>
#include <map>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/sql_template.hpp>
#include <patchbay/sqlite/store.hpp>
#include <vector>

#include "schema_text.hpp"

namespace patchbay::through_db {
namespace {

using sqlite::quoted;

std::vector<std::uint32_t> all_columns(const TableSchema& schema) {
  std::vector<std::uint32_t> all(schema.columns.size());
  for (std::uint32_t column = 0; column < all.size(); ++column) all[column] = column;
  return all;
}

std::vector<std::uint32_t> beside_the_key(const TableSchema& schema) {
  std::vector<std::uint32_t> columns = all_columns(schema);
  std::erase_if(columns, [&schema](std::uint32_t column) { return schema.is_key(column); });
  return columns;
}

std::string joined(const std::vector<std::uint32_t>& columns, std::string_view between,
                   const std::function<std::string(std::uint32_t)>& text) {
  std::string all;
  for (const std::uint32_t column : columns) {
    if (!all.empty()) all += between;
    all += text(column);
  }
  return all;
}

/// NEW."id", NEW."title"
std::string names(const TableSchema& schema, const std::vector<std::uint32_t>& columns,
                  std::string_view prefix = "") {
  return joined(columns, ", ", [&](std::uint32_t column) {
    return std::string(prefix) + quoted(schema.columns[column].name);
  });
}

std::string tuple(const TableSchema& schema, const std::vector<std::uint32_t>& columns,
                  std::string_view prefix) {
  return "(" + names(schema, columns, prefix) + ")";
}

std::string doubled(std::string_view text, char quote) {
  std::string out;
  for (const char c : text) out.append(c == quote ? 2 : 1, c);
  return out;
}

std::string definitions(const TableSchema& schema) {
  return joined(all_columns(schema), ", ", [&](std::uint32_t column) {
    const Column& one = schema.columns[column];
    return quoted(one.name) + " " + std::string(sqlite::declared_type(one));
  });
}

std::string check_key(const TableSchema& schema) {
  return joined(schema.key, "\n  ", [&](std::uint32_t column) {
    const Column& one = schema.columns[column];
    const bool whole = sqlite::declared_type(one) == "INTEGER";
    const bool real = sqlite::is_float(one);
    const std::string what = one.type == "bool" ? "0 or 1" : whole ? "a whole number" : "text";
    const std::string name = "NEW." + quoted(one.name);
    const std::string types = whole ? "'integer'" : real ? "'real', 'text'" : "'text'";
    return "SELECT RAISE(ABORT, '" +
           doubled(schema.name + "." + one.name + " is part of the key, of type " + one.type +
                       ": write it as " + (real ? "a finite number, or text" : what),
                   '\'') +
           "') WHERE typeof(" + name + ") NOT IN (" + types + ", 'null')" +
           (real ? " OR abs(" + name + ") = 9e999;" : ";");
  });
}

std::string new_key_text(const TableSchema& schema) {
  return "json_array(" +
         joined(
             schema.key, ", ",
             [&](std::uint32_t column) { return "NEW." + quoted(schema.columns[column].name); }) +
         ")";
}

std::map<std::string, std::string, std::less<>> words(const TableSchema& schema) {
  const std::vector<std::uint32_t> all = all_columns(schema);
  return {{"plain", doubled(schema.name, '"')},
          {"text", doubled(schema.name, '\'')},
          {"columns", definitions(schema)},
          {"key", names(schema, schema.key)},
          {"old", tuple(schema, all, "OLD.")},
          {"new", tuple(schema, all, "NEW.")},
          {"old_key", tuple(schema, schema.key, "OLD.")},
          {"new_key", tuple(schema, schema.key, "NEW.")},
          {"live_key", tuple(schema, schema.key, "live.")},
          {"old_row", sqlite::LocalLog::logged_row(schema, "OLD.")},
          {"new_row", sqlite::LocalLog::logged_row(schema, "NEW.")},
          {"live_row", sqlite::LocalLog::logged_row(schema, "live.")},
          {"new_key_text", new_key_text(schema)},
          {"check_key", check_key(schema)},
          {"logging", std::string(sqlite::LocalLog::not_silent())}};
}

std::string parameters(std::size_t count) {
  std::string all = "?";
  for (std::size_t at = 1; at < count; ++at) all += ", ?";
  return all;
}

/// The action of an insert into a table, as patchbay_t, where the key is there already.
std::string or_change(const TableSchema& schema) {
  const std::vector<std::uint32_t> rest = beside_the_key(schema);
  const std::string conflict = " ON CONFLICT (" + names(schema, schema.key) + ") DO ";
  if (rest.empty()) return conflict + "NOTHING";
  return conflict + "UPDATE SET " +
         joined(rest, ", ",
                [&](std::uint32_t column) {
                  const std::string name = quoted(schema.columns[column].name);
                  return name + " = excluded." + name;
                }) +
         " WHERE " + tuple(schema, rest, "patchbay_t.") + " IS NOT " +
         tuple(schema, rest, "excluded.");
}

std::string same_key(const TableSchema& schema, std::string_view left, std::string_view right) {
  return tuple(schema, schema.key, left) + " = " + tuple(schema, schema.key, right);
}

}  // namespace

std::string quoted_names(const TableSchema& schema, std::string_view prefix) {
  return names(schema, all_columns(schema), prefix);
}

TableSql::TableSql(const TableSchema& table)
    : schema(&table),
      live(quoted(table.name)),
      base(quoted("patchbay_base_" + table.name)),
      stage(quoted("patchbay_stage_" + table.name)),
      create(sqlite::fill_sql(kSchemaText, words(table))) {
  const std::size_t count = table.columns.size();
  const std::string columns = quoted_names(table);
  const std::string by_key =
      " WHERE (" + names(table, table.key) + ") = (" + parameters(table.key.size()) + ")";
  put = "INSERT INTO " + live + " AS patchbay_t (" + columns + ") VALUES (" + parameters(count) +
        ")" + or_change(table);
  remove_by_key = "DELETE FROM " + live + by_key;
  find_by_key = "SELECT " + columns + " FROM " + live + by_key;

  const std::string into_base = " INTO " + base + " (" + columns + ", patchbay_absent) ";
  put_base = "INSERT OR REPLACE" + into_base + "VALUES (" + parameters(count + 1) + ")";
  keep_base = "INSERT OR IGNORE" + into_base + "VALUES (" + parameters(count + 1) + ")";
  remove_base_by_key = "DELETE FROM " + base + by_key;
  all_bases = "SELECT " + columns + ", patchbay_absent FROM " + base;
  find_base_by_key = all_bases + by_key;

  const std::string reals = sqlite::columns_with_reals(table);
  floats_to_real = "CREATE TEMP TABLE patchbay_kept_live AS SELECT " + columns + " FROM " + live +
                   "; CREATE TEMP TABLE patchbay_kept_base AS " + all_bases + "; DROP TABLE " +
                   live + "; DROP TABLE " + base + "; DROP TABLE IF EXISTS " + stage + "; " +
                   create + "; INSERT OR REPLACE INTO " + live + " (" + columns + ") SELECT " +
                   reals + " FROM temp.patchbay_kept_live; INSERT OR REPLACE" + into_base +
                   "SELECT " + reals +
                   ", patchbay_absent FROM temp.patchbay_kept_base;"
                   " DROP TABLE temp.patchbay_kept_live; DROP TABLE temp.patchbay_kept_base";

  create_stage = "CREATE TABLE " + stage + " (" + definitions(table) + ", PRIMARY KEY (" +
                 names(table, table.key) + ")) WITHOUT ROWID";
  put_stage =
      "INSERT OR REPLACE INTO " + stage + " (" + columns + ") VALUES (" + parameters(count) + ")";
  const std::vector<std::uint32_t> all = all_columns(table);
  base_from_stage =
      "INSERT OR REPLACE" + into_base + "SELECT " +
      joined(all, ", ",
             [&](std::uint32_t column) {
               const bool key = table.is_key(column);
               return (key ? "patchbay_b." : "patchbay_s.") + quoted(table.columns[column].name);
             }) +
      ", patchbay_s." + quoted(table.columns[table.key.front()].name) + " IS NULL FROM " + base +
      " AS patchbay_b LEFT JOIN " + stage + " AS patchbay_s ON " +
      same_key(table, "patchbay_s.", "patchbay_b.");
  const std::string covered = "EXISTS (SELECT 1 FROM " + base + " AS patchbay_b WHERE ";
  remove_what_is_not_staged = "DELETE FROM " + live + " WHERE NOT EXISTS (SELECT 1 FROM " + stage +
                              " AS patchbay_s WHERE " + same_key(table, "patchbay_s.", live + ".") +
                              ") AND NOT " + covered + same_key(table, "patchbay_b.", live + ".") +
                              ")";
  live_from_stage = "INSERT INTO " + live + " AS patchbay_t (" + columns + ") SELECT " +
                    quoted_names(table, "patchbay_s.") + " FROM " + stage +
                    " AS patchbay_s LEFT JOIN " + live + " AS patchbay_l ON " +
                    same_key(table, "patchbay_l.", "patchbay_s.") + " WHERE " +
                    tuple(table, all, "patchbay_l.") + " IS NOT " +
                    tuple(table, all, "patchbay_s.") + " AND NOT " + covered +
                    same_key(table, "patchbay_b.", "patchbay_s.") + ")" + or_change(table);
}

}  // namespace patchbay::through_db
