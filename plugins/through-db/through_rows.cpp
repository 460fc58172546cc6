#include "through_rows.hpp"

#include <algorithm>
#include <patchbay/canonical_key.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/query_sql.hpp>
#include <vector>

#include "silence.hpp"

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

void bind_row(SQLite::Statement& statement, const TableSql& table, const Row& row) {
  for (std::uint32_t column = 0; column < table.schema->columns.size(); ++column) {
    sqlite::bind_cell(statement, static_cast<int>(column) + 1, table.schema->columns[column],
                      row.cell(column));
  }
}

void bind_key(SQLite::Statement& statement, const TableSql& table, const Row& row) {
  int parameter = 0;
  for (const std::uint32_t column : table.schema->key) {
    sqlite::bind_cell(statement, ++parameter, table.schema->columns[column], row.cell(column));
  }
}

/// Ends a statement's use, however it goes: a statement in use keeps its table from being changed.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { statement_.tryReset(); }

 private:
  SQLite::Statement& statement_;
};

}  // namespace

void ThroughRows::apply(const TableSchema& schema, std::span<const Change> changes) {
  const TableSql& sql = table(schema.name);
  const Silence silence(log_);
  const bool some_covered = has_bases(sql);
  for (const Change& change : changes) {
    const RowRef row = in_schema(sql, change.row);
    if (some_covered) {
      SQLite::Statement& find = store_.statement(sql.find_base_by_key);
      const Use use(find);
      bind_key(find, sql, *row);
      if (find.executeStep()) {
        put_base(sql, row, change.gone ? RowRef{} : row);
        continue;
      }
    }
    if (change.gone) {
      remove_live(sql, row);
    } else {
      put_live(sql, row);
    }
  }
}

void ThroughRows::begin_stage(const TableSchema& schema) {
  const TableSql& sql = table(schema.name);
  store_.forget_statements();
  store_.database().exec("DROP TABLE IF EXISTS " + sql.stage);
  store_.database().exec(sql.create_stage);
  known_ = version();
}

void ThroughRows::stage(const TableSchema& schema, std::span<const Change> rows) {
  const TableSql& sql = table(schema.name);
  for (const Change& change : rows) run(sql.put_stage, sql, *in_schema(sql, change.row));
}

/// Only what differs is written, so that the app's indexes, its pages in memory and the log of the
/// file stay small where little has changed.
void ThroughRows::switch_to_stage(const TableSchema& schema) {
  const TableSql& sql = table(schema.name);
  if (!sqlite::is_copied(store_.database(), sql.stage) && is_untouched(sql)) {
    return take_stage_as_live(sql);
  }
  {
    const Silence silence(log_);
    SQLite::Database& database = store_.database();
    database.exec(sql.base_from_stage);
    database.exec(sql.remove_what_is_not_staged);
    database.exec(sql.live_from_stage);
  }
  store_.forget_statements();
  store_.database().exec("DROP TABLE " + sql.stage);
  known_ = version();
}

/// Nobody has put anything into the table yet: neither rows nor an index.
bool ThroughRows::is_untouched(const TableSql& table) {
  if (has_bases(table) || !plain_indexes(store_.database(), table).empty()) return false;
  SQLite::Statement& any = store_.statement("SELECT EXISTS (SELECT 1 FROM " + table.live + ")");
  const Use use(any);
  return any.executeStep() && any.getColumn(0).getInt() == 0;
}

/// The first rows of all need no second writing.
void ThroughRows::take_stage_as_live(const TableSql& table) {
  store_.forget_statements();
  // Or a view that an app made over the table would forbid the renaming.
  store_.database().exec("PRAGMA legacy_alter_table = ON; DROP TABLE " + table.live +
                         "; ALTER TABLE " + table.stage + " RENAME TO " + table.live);
  TableState state = check_table(store_.database(), table);
  state.repaired.clear();  // the triggers went with the empty table
  accept_state(table, state);
  known_ = version();
}

RowRef ThroughRows::synced(const TouchedRow& row) {
  const TableSql& sql = table(row.name.table);
  const RowRef key = in_schema(sql, row.key);
  const auto columns = static_cast<int>(sql.schema->columns.size());
  {
    SQLite::Statement& base = store_.statement(sql.find_base_by_key);
    const Use use(base);
    bind_key(base, sql, *key);
    if (base.executeStep()) {
      const bool absent = base.getColumn(columns).getInt() != 0;
      return absent ? RowRef{} : sqlite::read_row(host_, *sql.schema, base);
    }
  }
  SQLite::Statement& live = store_.statement(sql.find_by_key);
  const Use use(live);
  bind_key(live, sql, *key);
  return live.executeStep() ? sqlite::read_row(host_, *sql.schema, live) : RowRef{};
}

void ThroughRows::show(const FoldedRow& folded) {
  const TableSql& sql = table(folded.row.name.table);
  const Silence silence(log_);
  const RowRef key = in_schema(sql, folded.row.key);
  if (folded.covered) {
    put_base(sql, key, in_schema(sql, folded.synced));
  } else {
    run_by_key(sql.remove_base_by_key, sql, *key);
  }
  const RowRef shown = over(host_, folded.patch, folded.synced);
  if (shown) {
    put_live(sql, in_schema(sql, shown));
  } else {
    remove_live(sql, key);
  }
}

void ThroughRows::take_local(const sqlite::LocalChange& change) {
  const TableSql& sql = table(change.operation.table().name);
  const Silence silence(log_);
  const RowRef before = in_schema(sql, change.before);
  const RowRef after = in_schema(sql, change.after);
  // A row in another spelling is only in the app's way of writing it; the one that counts is under
  // the canonical key, and is shown there when the write is folded.
  if (before && !is_canonical(*before)) {
    remove_live(sql, before);
  } else if (before) {
    keep_base(sql, before, false);
  }
  if (!after || same_key(before, after)) return;
  if (is_canonical(*after)) {
    keep_base(sql, after, true);
  } else {
    remove_live(sql, after);
  }
}

void ThroughRows::read(const Query& query, RowSink& sink) {
  const TableSchema* schema = schema_in_file(query.table->name);
  if (schema == nullptr) return;
  const sqlite::Relation live{sqlite::quoted(schema->name), *schema};
  sqlite::answer_query(host_, store_, live, query, sink);
}

void ThroughRows::keep_base(const TableSql& table, const RowRef& row, bool absent) {
  SQLite::Statement& statement = store_.statement(table.keep_base);
  const Use use(statement);
  bind_row(statement, table, *row);
  statement.bind(static_cast<int>(table.schema->columns.size()) + 1, absent ? 1 : 0);
  statement.exec();
}

void ThroughRows::put_base(const TableSql& table, const RowRef& key, const RowRef& synced) {
  SQLite::Statement& statement = store_.statement(table.put_base);
  const Use use(statement);
  bind_row(statement, table, synced ? *synced : *key);
  statement.bind(static_cast<int>(table.schema->columns.size()) + 1, synced ? 0 : 1);
  statement.exec();
}

void ThroughRows::put_live(const TableSql& table, const RowRef& row) {
  run(table.put, table, *row);
}

void ThroughRows::remove_live(const TableSql& table, const RowRef& key) {
  run_by_key(table.remove_by_key, table, *key);
}

void ThroughRows::run(const std::string& sql, const TableSql& table, const Row& row) {
  SQLite::Statement& statement = store_.statement(sql);
  const Use use(statement);
  bind_row(statement, table, row);
  statement.exec();
}

void ThroughRows::run_by_key(const std::string& sql, const TableSql& table, const Row& key) {
  SQLite::Statement& statement = store_.statement(sql);
  const Use use(statement);
  bind_key(statement, table, key);
  statement.exec();
}

bool ThroughRows::has_bases(const TableSql& table) {
  SQLite::Statement& any = store_.statement("SELECT EXISTS (SELECT 1 FROM " + table.base + ")");
  const Use use(any);
  return any.executeStep() && any.getColumn(0).getInt() != 0;
}

/// Rows and keys of an older schema meet the table's columns by name.
RowRef ThroughRows::in_schema(const TableSql& table, const RowRef& row) {
  if (!row || &row->schema() == table.schema) return row;
  const std::vector<Cell> absent(table.schema->columns.size());
  return host_.fold(*host_.make_row(*table.schema, absent), *row);
}

}  // namespace patchbay::through_db
