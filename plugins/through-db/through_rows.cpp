#include "through_rows.hpp"

#include <algorithm>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/sqlite/query_sql.hpp>
#include <vector>

namespace patchbay::through_db {
namespace {

/// Keys are written canonically by the server; an app may write them otherwise.
bool is_canonical(const Row& row) {
  return std::ranges::all_of(row.schema().key, [&row](std::uint32_t column) {
    const std::string_view text = row.cell(column).text;
    return canonical_key_text(row.schema().columns[column], text) == text;
  });
}

bool same_key(const RowRef& left, const RowRef& right) {
  return left && right && key_text(*left) == key_text(*right);
}

}  // namespace

ThroughRows::ThroughRows(sqlite::Store& store, Host& host, sqlite::SyncedTables& synced,
                         sqlite::Journal& journal, sqlite::LocalLog& log)
    : store_(store),
      host_(host),
      tables_(store, host, synced),
      rows_(store, host, log),
      upkeep_(store, host, journal, tables_, rows_) {}

void ThroughRows::prepare(const TableSchema& schema, const TableSchema* previous) {
  upkeep_.prepare(schema, previous);
}

void ThroughRows::apply(const TableSchema& schema, std::span<const Change> changes) {
  const TableSql& sql = tables_.find(schema.name);
  const Silence silence = rows_.silence();
  const bool some_covered = rows_.has_bases(sql);
  for (const Change& change : changes) {
    const RowRef row = rows_.in_schema(sql, change.row);
    if (some_covered && rows_.has_base(sql, *row)) {
      rows_.put_base(sql, *row, change.gone ? RowRef{} : row);
    } else if (change.gone) {
      rows_.remove_live(sql, *row);
    } else {
      rows_.put_live(sql, *row);
    }
  }
}

void ThroughRows::begin_stage(const TableSchema& schema) {
  const TableSql& sql = tables_.find(schema.name);
  store_.forget_statements();
  store_.database().exec("DROP TABLE IF EXISTS " + sql.stage);
  store_.database().exec(sql.create_stage);
  tables_.keep();
}

void ThroughRows::stage(const TableSchema& schema, std::span<const Change> rows) {
  const TableSql& sql = tables_.find(schema.name);
  for (const Change& change : rows) rows_.stage(sql, *rows_.in_schema(sql, change.row));
}

/// Only what differs is written, so that the app's indexes, its pages in memory and the log of the
/// file stay small where little has changed.
void ThroughRows::switch_to_stage(const TableSchema& schema) {
  const TableSql& sql = tables_.find(schema.name);
  if (!sqlite::is_copied(store_.database(), sql.stage) && is_untouched(sql)) {
    return take_stage_as_live(sql);
  }
  {
    const Silence silence = rows_.silence();
    SQLite::Database& database = store_.database();
    database.exec(sql.base_from_stage);
    database.exec(sql.remove_what_is_not_staged);
    database.exec(sql.live_from_stage);
  }
  store_.forget_statements();
  store_.database().exec("DROP TABLE " + sql.stage);
  tables_.keep();
}

/// True while the table has neither rows nor an index.
bool ThroughRows::is_untouched(const TableSql& table) {
  return !rows_.has_bases(table) && plain_indexes(store_.database(), table).empty() &&
         rows_.is_empty(table);
}

/// The first rows of all need no second writing.
void ThroughRows::take_stage_as_live(const TableSql& table) {
  store_.forget_statements();
  // Or a view that an app made over the table would forbid the renaming.
  store_.database().exec("PRAGMA legacy_alter_table = ON; DROP TABLE " + table.live +
                         "; ALTER TABLE " + table.stage + " RENAME TO " + table.live);
  TableState state = check_table(store_.database(), table);
  state.repaired.clear();  // the triggers went with the empty table
  tables_.accept(table, state);
  tables_.keep();
}

RowRef ThroughRows::synced(const TouchedRow& row) {
  const TableSql& sql = tables_.find(row.name.table);
  const RowRef key = rows_.in_schema(sql, row.key);
  const auto base = rows_.find_base(sql, *key);
  return base ? *base : rows_.find_live(sql, *key);
}

void ThroughRows::show(const FoldedRow& folded) {
  const TableSql& sql = tables_.find(folded.row.name.table);
  const Silence silence = rows_.silence();
  const RowRef key = rows_.in_schema(sql, folded.row.key);
  if (folded.covered) {
    rows_.put_base(sql, *key, rows_.in_schema(sql, folded.synced));
  } else {
    rows_.remove_base(sql, *key);
  }
  const RowRef shown = over(host_, folded.patch, folded.synced);
  if (shown) {
    rows_.put_live(sql, *rows_.in_schema(sql, shown));
  } else {
    rows_.remove_live(sql, *key);
  }
}

void ThroughRows::take_local(const sqlite::LocalChange& change) {
  const TableSql& sql = tables_.find(change.operation.table().name);
  const Silence silence = rows_.silence();
  const RowRef before = rows_.in_schema(sql, change.before);
  const RowRef after = rows_.in_schema(sql, change.after);
  // A row in another spelling is only in the app's way of writing it; the one that counts is under
  // the canonical key, and is shown there when the write is folded.
  if (before && !is_canonical(*before)) {
    rows_.remove_live(sql, *before);
  } else if (before) {
    rows_.keep_base(sql, *before, false);
  }
  if (!after || same_key(before, after)) return;
  if (is_canonical(*after)) {
    rows_.keep_base(sql, *after, true);
  } else {
    rows_.remove_live(sql, *after);
  }
}

void ThroughRows::read(const Query& query, RowSink& sink) {
  const TableSchema* schema = tables_.find_schema(query.table->name);
  if (schema == nullptr) return;
  const sqlite::Relation live{sqlite::quoted(schema->name), *schema};
  sqlite::answer_query(host_, store_, live, query, sink);
}

}  // namespace patchbay::through_db
