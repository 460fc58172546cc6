#include "table_upkeep.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <patchbay/sqlite/cells.hpp>
#include <utility>
#include <vector>

namespace patchbay::through_db {
namespace {

/// The columns whose values mean the same in both; empty when rows cannot be carried over.
std::string common_columns(const TableSchema& from, const TableSchema& to) {
  std::string names;
  for (std::uint32_t column = 0; column < to.columns.size(); ++column) {
    const Column& one = to.columns[column];
    const auto old = from.find(one.name);
    const bool same = old && from.columns[*old].type == one.type &&
                      from.columns[*old].dimensions == one.dimensions;
    if (same) {
      names += (names.empty() ? "" : ", ") + sqlite::quoted(one.name);
    } else if (to.is_key(column)) {
      return {};
    }
  }
  return names;
}

}  // namespace

void TableUpkeep::prepare(const TableSchema& schema, const TableSchema* previous) {
  tables_.refuse_names(schema);
  store_.forget_statements();
  const TableSql wanted(schema);
  TableState state = check_table(store_.database(), wanted);
  if (state.missing && previous == nullptr) {
    store_.database().exec(wanted.create);
  } else if (!state.fault.empty() && previous != nullptr && previous != &schema) {
    const TableSql old(*previous);
    tables_.accept(old, check_table(store_.database(), old));
    rebuild(old, wanted);
  } else {
    tables_.accept(wanted, state);
    // A table the journal has forgotten gets a reset: what it brings is base enough.
    if (previous == nullptr) {
      store_.database().exec("DELETE FROM " + wanted.base);
    } else {
      uncover(wanted, covered_keys(wanted));
    }
  }
  tables_.put(wanted);
}

/// Builds the synced side again. What the server had is shown until the reset that follows, as far
/// as its columns are still the same; the caller folds unfinished writes over it.
void TableUpkeep::rebuild(const TableSql& from, const TableSql& to) {
  uncover(from, {});
  store_.forget_statements();
  SQLite::Database& database = store_.database();
  const std::vector<std::string> indexes = plain_indexes(database, from);
  const std::string columns = common_columns(*from.schema, *to.schema);
  const std::string kept = columns.empty() ? "NULL" : columns;
  database.exec("CREATE TEMP TABLE patchbay_kept_live AS SELECT " + kept + " FROM " + from.live);
  database.exec("DROP TABLE " + from.live);
  database.exec("DROP TABLE " + from.base);
  database.exec("DROP TABLE IF EXISTS " + from.stage);
  database.exec(to.create);
  if (!columns.empty()) {
    const Silence silence = rows_.silence();
    database.exec("INSERT OR IGNORE INTO " + to.live + " (" + columns + ") SELECT " + columns +
                  " FROM temp.patchbay_kept_live");
  }
  database.exec("DROP TABLE temp.patchbay_kept_live");
  for (const std::string& sql : indexes) {
    if (database.tryExec(sql) == SQLITE_OK) continue;
    host_.log(LogLevel::warning, "An index on the table \"" + to.schema->name +
                                     "\" does not fit its new columns and is gone (" + sql +
                                     "); make another.");
  }
}

/// The keys, as the table has them now, that unfinished operations touch. One of an operation that
/// is older than the table's key may lack a column of it, and is none.
std::set<std::string> TableUpkeep::covered_keys(const TableSql& table) {
  std::set<std::string> keys;
  for (const TouchedRow& row : journal_.covered(table.schema->name)) {
    const RowRef key = rows_.in_schema(table, row.key);
    const bool whole = std::ranges::all_of(
        table.schema->key, [&key](std::uint32_t column) { return key->cell(column).is_text(); });
    if (whole) keys.insert(key_text(*key));
  }
  return keys;
}

/// Rows with a base show the server's version again, and their base goes, except those `covered`.
void TableUpkeep::uncover(const TableSql& table, const std::set<std::string>& covered) {
  struct Uncovered {
    RowRef row;
    bool absent;
  };
  std::vector<Uncovered> bases;
  SQLite::Statement& all = store_.statement(table.all_bases);
  const auto columns = static_cast<int>(table.schema->columns.size());
  while (all.executeStep()) {
    RowRef row = sqlite::read_row(host_, *table.schema, all);
    if (covered.contains(key_text(*row))) continue;
    bases.push_back({std::move(row), all.getColumn(columns).getInt() != 0});
  }
  all.reset();
  const Silence silence = rows_.silence();
  for (const auto& [row, absent] : bases) {
    rows_.remove_base(table, *row);
    absent ? rows_.remove_live(table, *row) : rows_.put_live(table, *row);
  }
}

}  // namespace patchbay::through_db
