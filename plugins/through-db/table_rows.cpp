#include "table_rows.hpp"

#include <patchbay/sqlite/cells.hpp>
#include <vector>

namespace patchbay::through_db {
namespace {

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

RowRef TableRows::in_schema(const TableSql& table, const RowRef& row) {
  if (!row || &row->schema() == table.schema) return row;
  const std::vector<Cell> absent(table.schema->columns.size());
  return host_.fold(*host_.make_row(*table.schema, absent), *row);
}

RowRef TableRows::find_live(const TableSql& table, const Row& key) {
  SQLite::Statement& live = store_.statement(table.find_by_key);
  const Use use(live);
  bind_key(live, table, key);
  return live.executeStep() ? sqlite::read_row(host_, *table.schema, live) : RowRef{};
}

std::optional<RowRef> TableRows::find_base(const TableSql& table, const Row& key) {
  SQLite::Statement& base = store_.statement(table.find_base_by_key);
  const Use use(base);
  bind_key(base, table, key);
  if (!base.executeStep()) return std::nullopt;
  const bool absent = base.getColumn(static_cast<int>(table.schema->columns.size())).getInt() != 0;
  return absent ? RowRef{} : sqlite::read_row(host_, *table.schema, base);
}

bool TableRows::has_base(const TableSql& table, const Row& key) {
  SQLite::Statement& base = store_.statement(table.find_base_by_key);
  const Use use(base);
  bind_key(base, table, key);
  return base.executeStep();
}

bool TableRows::has_bases(const TableSql& table) {
  return exists(table.base);
}

bool TableRows::is_empty(const TableSql& table) {
  return !exists(table.live);
}

bool TableRows::exists(const std::string& table) {
  SQLite::Statement& any = store_.statement("SELECT EXISTS (SELECT 1 FROM " + table + ")");
  const Use use(any);
  return any.executeStep() && any.getColumn(0).getInt() != 0;
}

void TableRows::put_base(const TableSql& table, const Row& key, const RowRef& synced) {
  run_base(table.put_base, table, synced ? *synced : key, !synced);
}

void TableRows::keep_base(const TableSql& table, const Row& row, bool absent) {
  run_base(table.keep_base, table, row, absent);
}

void TableRows::run(const std::string& sql, const TableSql& table, const Row& row) {
  SQLite::Statement& statement = store_.statement(sql);
  const Use use(statement);
  bind_row(statement, table, row);
  statement.exec();
}

void TableRows::run_base(const std::string& sql, const TableSql& table, const Row& row,
                         bool absent) {
  SQLite::Statement& statement = store_.statement(sql);
  const Use use(statement);
  bind_row(statement, table, row);
  statement.bind(static_cast<int>(table.schema->columns.size()) + 1, absent ? 1 : 0);
  statement.exec();
}

void TableRows::run_by_key(const std::string& sql, const TableSql& table, const Row& key) {
  SQLite::Statement& statement = store_.statement(sql);
  const Use use(statement);
  bind_key(statement, table, key);
  statement.exec();
}

}  // namespace patchbay::through_db
