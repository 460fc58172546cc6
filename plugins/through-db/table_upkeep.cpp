// The tables of ThroughRows: made, checked, and made anew when the server's table has changed.
#include <sqlite3.h>

#include <algorithm>
#include <patchbay/canonical_key.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/server_names.hpp>
#include <utility>
#include <vector>

#include "silence.hpp"
#include "through_rows.hpp"

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

[[noreturn]] void refuse(const sqlite::Store& store, const std::string& table,
                         const std::string& why) {
  throw sqlite::Refused{{ErrorCode::rejected, sqlite::cannot_be_synced(store.file(), table, why)}};
}

}  // namespace

void ThroughRows::prepare(const TableSchema& schema, const TableSchema* previous) {
  refuse_name(schema);
  store_.forget_statements();
  const TableSql wanted(schema);
  TableState state = check_table(store_.database(), wanted);
  if (state.missing && previous == nullptr) {
    store_.database().exec(wanted.create);
  } else if (!state.spoiled.empty() && previous != nullptr && previous != &schema) {
    const TableSql old(*previous);
    accept_state(old, check_table(store_.database(), old));
    rebuild(old, wanted);
  } else {
    accept_state(wanted, state);
    // A table the journal has forgotten gets a reset: what it brings is base enough.
    if (previous == nullptr) {
      store_.database().exec("DELETE FROM " + wanted.base);
    } else {
      uncover(wanted, covered_keys(wanted));
    }
  }
  tables_.insert_or_assign(schema.name, wanted);
  known_ = version();
}

/// The synced side is built anew. What the server had is shown until the reset that follows, as far
/// as its columns are still the same; the caller folds unfinished writes over it.
void ThroughRows::rebuild(const TableSql& from, const TableSql& to) {
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
    const Silence silence(log_);
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
std::set<std::string> ThroughRows::covered_keys(const TableSql& table) {
  std::set<std::string> keys;
  for (const TouchedRow& row : journal_.covered(table.schema->name)) {
    const RowRef key = in_schema(table, row.key);
    const bool whole = std::ranges::all_of(
        table.schema->key, [&key](std::uint32_t column) { return key->cell(column).is_text(); });
    if (whole) keys.insert(key_text(*key));
  }
  return keys;
}

/// Rows with a base show the server's version again, and their base goes, but for those `covered`.
void ThroughRows::uncover(const TableSql& table, const std::set<std::string>& covered) {
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
  const Silence silence(log_);
  for (const auto& [row, absent] : bases) {
    run_by_key(table.remove_base_by_key, table, *row);
    absent ? remove_live(table, row) : put_live(table, row);
  }
}

const TableSql& ThroughRows::table(const std::string& name) {
  look_for_changed_tables();
  const auto found = tables_.find(name);
  if (found == tables_.end()) refuse(store_, name, "the store does not know it");
  return found->second;
}

/// Anybody may change the file's tables, and a transaction of ours that failed has changed nothing:
/// what the file says counts.
void ThroughRows::look_for_changed_tables() {
  if (version() == known_) return;
  tables_.clear();
  for (const sqlite::KeptTable& kept : synced_.all()) {
    const TableSql& sql = tables_.try_emplace(kept.schema->name, *kept.schema).first->second;
    const TableState state = check_table(store_.database(), sql);
    // The step is repeated until what is wrong has gone, so it is said here, and once.
    if (!state.spoiled.empty() && told_ != state.spoiled) {
      host_.log(LogLevel::error,
                sqlite::cannot_be_synced(store_.file(), kept.schema->name, state.spoiled));
      told_ = state.spoiled;
    }
    accept_state(sql, state);
  }
  told_.clear();
  known_ = version();
}

void ThroughRows::accept_state(const TableSql& table, const TableState& state) {
  const std::string& name = table.schema->name;
  if (state.missing) {
    refuse(store_, name,
           "it is gone; put the file back from a copy, or remove the file if nothing in it waits "
           "to be sent");
  }
  if (!state.spoiled.empty()) {
    throw sqlite::Refused{
        {ErrorCode::retry, sqlite::cannot_be_synced(store_.file(), name, state.spoiled)}};
  }
  for (const std::string& trigger : state.repaired) {
    host_.log(LogLevel::warning, "The trigger \"" + trigger + "\" of the table \"" + name +
                                     "\" was gone or changed and is made anew; what was written "
                                     "without it is not sent.");
  }
}

void ThroughRows::refuse_name(const TableSchema& schema) {
  const std::string own("patchbay_absent");
  sqlite::refuse_names(store_, schema, {&own, 1});
  for (const sqlite::KeptTable& kept : synced_.all()) {
    const std::string& other = kept.schema->name;
    if (other != schema.name && cells::lower_case(other) == cells::lower_case(schema.name)) {
      refuse(store_, schema.name, "SQLite does not tell it from \"" + other + "\"; rename one");
    }
  }
}

/// For readers, who change nothing and so cannot mend.
const TableSchema* ThroughRows::schema_in_file(const std::string& name) {
  if (version() == known_) {
    const auto found = tables_.find(name);
    return found == tables_.end() ? nullptr : found->second.schema;
  }
  for (const sqlite::KeptTable& kept : synced_.all()) {
    if (kept.schema->name == name) return kept.schema;
  }
  return nullptr;
}

ThroughRows::Version ThroughRows::version() const {
  SQLite::Statement& statement = store_.statement("PRAGMA schema_version");
  statement.executeStep();
  const Version version{statement.getColumn(0).getInt64(), store_.undone()};
  statement.reset();
  return version;
}

}  // namespace patchbay::through_db
