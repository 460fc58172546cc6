#include "immutable_rows.hpp"

#include <algorithm>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/kit/query_match.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/query_sql.hpp>
#include <patchbay/sqlite/server_names.hpp>

#include "column_lists.hpp"

namespace patchbay::immutable {

using sqlite::quoted;

namespace {

/// Ends a statement's use: an unfinished one would keep tables from being dropped.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  ~Use() { statement_.tryReset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  SQLite::Statement* operator->() const noexcept { return &statement_; }
  SQLite::Statement& operator*() const noexcept { return statement_; }

 private:
  SQLite::Statement& statement_;
};

void bind_row(SQLite::Statement& statement, int first, const TableSchema& schema, const Row& row) {
  for (std::uint32_t column = 0; column < schema.columns.size(); ++column) {
    sqlite::bind_cell(statement, first + static_cast<int>(column), schema.columns[column],
                      cell_of(schema, row, column));
  }
}

void bind_key(SQLite::Statement& statement, const TableSchema& schema, const Row& row) {
  int at = 0;
  for (const std::uint32_t column : schema.key) {
    sqlite::bind_cell(statement, ++at, schema.columns[column], cell_of(schema, row, column));
  }
}

/// Triggers keep keys as the server spells them; with them a row is found where the fold shows it.
bool has_canonical_key(const Row& row) {
  return std::ranges::all_of(row.schema().key, [&row](std::uint32_t column) {
    const std::string_view text = row.cell(column).text;
    return canonical_key_text(row.schema().columns[column], text) == text;
  });
}

std::string_view kind_name(RowPatch::Kind kind) {
  switch (kind) {
    case RowPatch::Kind::created:
      return "created";
    case RowPatch::Kind::changed:
      return "changed";
    case RowPatch::Kind::deleted:
    case RowPatch::Kind::none:
      break;
  }
  return "deleted";
}

/// Which columns of `schema` a patch speaks of, as the local table's masks.
std::vector<std::int64_t> masks_of(const TableSchema& schema, const RowRef& cells,
                                   std::uint32_t count) {
  std::vector<std::int64_t> masks(count);
  if (!cells) return masks;
  for (std::uint32_t column = 0; column < schema.columns.size(); ++column) {
    if (schema.is_key(column) || cell_of(schema, *cells, column).is_absent()) continue;
    masks[column / kColumnsPerMask] |= std::int64_t{1} << (column % kColumnsPerMask);
  }
  return masks;
}

}  // namespace

ImmutableRows::ImmutableRows(sqlite::Store& store, Host& host, sqlite::SyncedTables& tables)
    : store_(store), host_(host), tables_(tables) {
  // Or a view that an app made over one of ours would forbid every rename.
  store_.database().exec("PRAGMA legacy_alter_table = ON");
  const auto cleared = store_.write([this] {
    for (const sqlite::KeptTable& table : tables_.all()) {
      execute(sql_of(*table.schema).drop_stage);
    }
  });
  if (!cleared) {
    host_.log(LogLevel::warning,
              "What an interrupted reset left is still there: " + cleared.error().message);
  }
}

void ImmutableRows::prepare(const TableSchema& schema, const TableSchema* previous) {
  if (previous == &schema) return;
  store_.forget_statements();
  const TableSql& sql = sql_of(schema);
  if (previous != nullptr) execute(sql.drop);
  refuse_taken_names(schema);
  execute(sql.create);
}

void ImmutableRows::apply(const TableSchema& schema, std::span<const Change> changes) {
  const TableSql& sql = sql_of(schema);
  for (const Change& change : changes) {
    if (change.gone) {
      remove_by_key(schema, sql.remove_synced_by_key, *change.row);
      continue;
    }
    const Use put(store_.statement(sql.put_synced));
    bind_row(*put, 1, schema, *change.row);
    put->exec();
  }
}

void ImmutableRows::begin_stage(const TableSchema& schema) {
  const TableSql& sql = sql_of(schema);
  execute(sql.drop_stage);
  execute(sql.create_stage);
}

void ImmutableRows::stage(const TableSchema& schema, std::span<const Change> rows) {
  const TableSql& sql = sql_of(schema);
  const auto columns = static_cast<int>(schema.columns.size());
  while (!rows.empty()) {
    const bool many = rows.size() >= sql.rows_per_insert;
    const std::size_t count = many ? sql.rows_per_insert : 1;
    const Use insert(store_.statement(many ? sql.put_stage_many : sql.put_stage));
    int first = 1;
    for (const Change& change : rows.first(count)) {
      bind_row(*insert, first, schema, *change.row);
      first += columns;
    }
    insert->exec();
    rows = rows.subspan(count);
  }
}

void ImmutableRows::switch_to_stage(const TableSchema& schema) {
  store_.forget_statements();
  const TableSql& sql = sql_of(schema);
  const bool copied = sqlite::is_copied(store_.database(), sql.stage);
  // The view goes first: a table cannot be renamed under one that names it.
  execute(sql.drop_view);
  execute(copied ? sql.drop_synced : sql.stage_to_synced);
  execute(sql.create);
  if (copied) execute(sql.copy_stage);
}

RowRef ImmutableRows::synced(const TouchedRow& row) {
  const TableSchema* schema = tables_.find_schema(row.name.table);
  if (schema == nullptr) return {};
  const Use select(store_.statement(sql_of(*schema).find_synced_by_key));
  bind_key(*select, *schema, *row.key);
  return select->executeStep() ? sqlite::read_row(host_, *schema, *select) : RowRef{};
}

void ImmutableRows::show(const FoldedRow& folded) {
  const TableSchema* schema = tables_.find_schema(folded.row.name.table);
  if (schema == nullptr) return;
  const TableSql& sql = sql_of(*schema);
  const RowPatch& patch = folded.patch;
  const bool shows_nothing = !folded.synced && patch.kind != RowPatch::Kind::created;
  if (shows_nothing || patch.kind == RowPatch::Kind::none) {
    return remove_local(*schema, *folded.row.key);
  }
  remove_local(*schema, *folded.row.key, !folded.synced);
  const Use put(store_.statement(sql.put_local));
  int at = 0;
  for (std::uint32_t column = 0; column < schema->columns.size(); ++column) {
    const Row* from = schema->is_key(column) ? &*folded.row.key : nullptr;
    if (from == nullptr && patch.cells) from = &*patch.cells;
    const Cell cell = from == nullptr ? Cell::null() : cell_of(*schema, *from, column);
    sqlite::bind_cell(*put, ++at, schema->columns[column], cell);
  }
  put->bind(++at, std::string(kind_name(patch.kind)));
  put->bind(++at, folded.synced ? 1 : 0);
  for (const std::int64_t mask : masks_of(*schema, patch.cells, mask_count(*schema))) {
    put->bind(++at, mask);
  }
  put->exec();
}

void ImmutableRows::take_local(const sqlite::LocalChange& change) {
  // The fold makes the row again; what the trigger made goes, as it may spell the key otherwise.
  const TableSchema* schema = tables_.find_schema(change.operation.table().name);
  if (schema == nullptr) return;
  for (const RowRef& row : {change.before, change.after}) {
    if (row && !has_canonical_key(*row)) remove_local(*schema, *row);
  }
}

void ImmutableRows::read(const Query& query, RowSink& sink) {
  const TableSchema* schema = tables_.find_schema(query.table->name);
  if (schema == nullptr) return;
  sqlite::answer_query(host_, store_, {sql_of(*schema).rows, *schema}, query, sink);
}

const TableSql& ImmutableRows::sql_of(const TableSchema& schema) {
  std::unique_ptr<TableSql>& known = sql_[&schema];
  if (!known) known = std::make_unique<TableSql>(schema);
  return *known;
}

void ImmutableRows::refuse_taken_names(const TableSchema& schema) {
  std::vector<std::string> own{"patchbay_kind", "patchbay_in_synced"};
  for (std::uint32_t mask = 0; mask < mask_count(schema); ++mask) own.push_back(mask_name(mask));
  sqlite::refuse_names(store_, schema, own);
  const auto refuse = [&](const std::string& why) {
    throw sqlite::Refused{{ErrorCode::unsupported, "The table " + schema.name +
                                                       " cannot be kept in " +
                                                       store_.file().string() + ": " + why +
                                                       " Give it a pattern instance of its own."}};
  };
  for (const std::string& name : sql_of(schema).names_taken) {
    const Use select(store_.statement(
        "SELECT type, tbl_name FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type <> "
        "'trigger'"));
    select->bind(1, name);
    if (!select->executeStep()) continue;
    refuse("it needs the name " + name + ", which another table of this instance has.");
  }
}

void ImmutableRows::execute(const std::string& sql) const {
  store_.database().exec(sql);
}

void ImmutableRows::remove_local(const TableSchema& schema, const Row& row) {
  for (const bool in_synced : {true, false}) remove_local(schema, row, in_synced);
}

void ImmutableRows::remove_local(const TableSchema& schema, const Row& row, bool in_synced) {
  const Use remove(store_.statement(sql_of(schema).remove_local_by_key));
  bind_key(*remove, schema, row);
  remove->bind(static_cast<int>(schema.key.size()) + 1, in_synced ? 1 : 0);
  remove->exec();
}

void ImmutableRows::remove_by_key(const TableSchema& schema, const std::string& sql,
                                  const Row& row) {
  const Use remove(store_.statement(sql));
  bind_key(*remove, schema, row);
  remove->exec();
}

}  // namespace patchbay::immutable
