// PlainRows: the simplest RowStore: one table of synced rows, one of what the view shows of the
// rows that unfinished writes touch. For the tests of the steps that all SQLite patterns share.
#pragma once

#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <string>
#include <vector>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {

/// A record of what a PlainRows was told, for tests to look at, and what it is to do wrong.
struct PlainRowsLog {
  std::vector<std::string> calls;
  std::string fail_in;  ///< The call that throws once, as a damaged or full store would.
  int fail_code = 13;   ///< SQLITE_FULL.
  /// The longest waits for other programs during changes of synced rows: "stage 5000, ".
  std::string busy_timeouts_ms;
};

/// Rows are kept as JSON by their key_text: synced(tbl, key, row), shown(tbl, key, row or NULL).
class PlainRows final : public sqlite::RowStore {
 public:
  PlainRows(sqlite::Store& store, Host& host, sqlite::SyncedTables& tables, PlainRowsLog& log)
      : store_(store), host_(host), tables_(tables), log_(log) {}

  void prepare(const TableSchema& schema, const TableSchema* previous) override {
    if (previous == &schema) return call("look " + schema.name);
    call("prepare " + schema.name + (previous == nullptr ? "" : " again"));
    store_.database().exec(
        "CREATE TABLE IF NOT EXISTS synced (tbl, key, row, PRIMARY KEY (tbl, key));"
        "CREATE TABLE IF NOT EXISTS shown (tbl, key, row, PRIMARY KEY (tbl, key));"
        "CREATE TABLE IF NOT EXISTS staged (tbl, key, row, PRIMARY KEY (tbl, key))");
    if (previous == nullptr) return;
    run("DELETE FROM synced WHERE tbl = ?1", schema.name);
    run("DELETE FROM shown WHERE tbl = ?1", schema.name);
  }
  void apply(const TableSchema& schema, std::span<const Change> changes) override {
    call("apply " + std::to_string(changes.size()));
    note_busy_timeout("apply");
    for (const Change& change : changes) {
      if (change.gone) {
        run("DELETE FROM synced WHERE tbl = ?1 AND key = ?2", schema.name, key_text(*change.row));
      } else {
        put("synced", change.row);
      }
    }
  }
  void begin_stage(const TableSchema& schema) override {
    call("begin");
    run("DELETE FROM staged WHERE tbl = ?1", schema.name);
  }
  void stage(const TableSchema&, std::span<const Change> rows) override {
    call("stage " + std::to_string(rows.size()));
    note_busy_timeout("stage");
    for (const Change& change : rows) put("staged", change.row);
  }
  void switch_to_stage(const TableSchema& schema) override {
    call("switch");
    note_busy_timeout("switch");
    run("DELETE FROM synced WHERE tbl = ?1", schema.name);
    run("INSERT INTO synced SELECT * FROM staged WHERE tbl = ?1", schema.name);
  }
  RowRef synced(const TouchedRow& row) override {
    return find("SELECT row FROM synced WHERE tbl = ?1 AND key = ?2", row.name);
  }
  void show(const FoldedRow& folded) override {
    const RowName& name = folded.row.name;
    run("DELETE FROM shown WHERE tbl = ?1 AND key = ?2", name.table, name.key);
    if (!folded.covered) return;
    const RowRef row = over(host_, folded.patch, folded.synced);
    const std::string json = row ? sqlite::row_json(*row) : "";
    run("INSERT INTO shown VALUES (?1, ?2, nullif(?3, ''))", name.table, name.key, json);
  }
  void take_local(const sqlite::LocalChange& change) override {
    call("local " + sim::print(change.after ? *change.after : *change.before));
  }
  void read(const Query& query, RowSink& sink) override {
    SQLite::Statement& rows = store_.statement(
        "SELECT row FROM (SELECT key, row FROM shown WHERE tbl = ?1 UNION ALL"
        " SELECT key, row FROM synced AS s WHERE tbl = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM shown WHERE tbl = s.tbl AND key = s.key))"
        " WHERE row IS NOT NULL ORDER BY key");
    rows.bind(1, query.table->name);
    bool more = true;
    while (more && rows.executeStep()) {
      more = sink.row(sqlite::row_of_json(host_, *query.table, rows.getColumn(0).getString()));
    }
  }

 private:
  void call(const std::string& what) {
    log_.calls.push_back(what);
    if (log_.fail_in.empty() || !what.starts_with(log_.fail_in)) return;
    log_.fail_in.clear();
    throw SQLite::Exception("the disk has failed", log_.fail_code);
  }
  void note_busy_timeout(const std::string& during) {
    log_.busy_timeouts_ms +=
        during + " " + store_.database().execAndGet("PRAGMA busy_timeout").getString() + ", ";
  }
  void run(const std::string& sql, const std::string& table, const std::string& key = "",
           const std::string& row = "") {
    SQLite::Statement& statement = store_.statement(sql);
    statement.bind(1, table);
    if (statement.getBindParameterCount() > 1) statement.bind(2, key);
    if (statement.getBindParameterCount() > 2) statement.bind(3, row);
    statement.exec();
  }
  void put(const std::string& into, const RowRef& row) {
    run("INSERT OR REPLACE INTO " + into + " VALUES (?1, ?2, ?3)", row->schema().name,
        key_text(*row), sqlite::row_json(*row));
  }
  RowRef find(const std::string& sql, const RowName& name) {
    SQLite::Statement& found = store_.statement(sql);
    found.bind(1, name.table);
    found.bind(2, name.key);
    if (!found.executeStep()) return {};
    const std::string json = found.getColumn(0).getString();
    found.reset();
    return sqlite::row_of_json(host_, *tables_.find_schema(name.table), json);
  }

  sqlite::Store& store_;
  Host& host_;
  sqlite::SyncedTables& tables_;
  PlainRowsLog& log_;
};

/// A SqlitePattern over PlainRows in `file` of the host's directory.
[[nodiscard]] inline sqlite::SqlitePatternParts plain_parts(PlainRowsLog& log) {
  sqlite::SqlitePatternParts parts;
  parts.file_name = "test.db";
  parts.application_id = kApplication;
  parts.make_rows = [&log](sqlite::Store& store, Host& host, sqlite::SyncedTables& tables,
                           sqlite::Journal&, sqlite::LocalLog&) {
    return std::make_unique<PlainRows>(store, host, tables, log);
  };
  return parts;
}

}  // namespace patchbay::test
