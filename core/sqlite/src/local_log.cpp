#include <sqlite3.h>

#include <algorithm>
#include <deque>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <utility>

#include "found_value.hpp"
#include "json_text.hpp"
#include "log_literal.hpp"
#include "look_cut.hpp"
#include "refused_changes.hpp"
#include "row_copy.hpp"
#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

constexpr const char* kCreateLog = R"(
CREATE TABLE patchbay_log (
  id INTEGER PRIMARY KEY, tbl TEXT, kind TEXT NOT NULL, old TEXT, new TEXT,
  changes INTEGER DEFAULT (total_changes()));
CREATE TABLE patchbay_boundary (id INTEGER PRIMARY KEY);
CREATE TRIGGER patchbay_boundary_mark AFTER INSERT ON patchbay_boundary
BEGIN
  INSERT INTO patchbay_log (kind) VALUES ('boundary');
  DELETE FROM patchbay_boundary;
END;
)";
constexpr const char* kEntries =
    "SELECT tbl, old, new, kind, id, changes FROM patchbay_log ORDER BY id";
/// Version 6 did not log how many rows the connection had changed.
constexpr const char* kFromVersion6 = R"(
CREATE TEMP TABLE patchbay_kept_log AS SELECT id, tbl, kind, old, new FROM patchbay_log;
DROP TABLE patchbay_log;
CREATE TABLE patchbay_log (
  id INTEGER PRIMARY KEY, tbl TEXT, kind TEXT NOT NULL, old TEXT, new TEXT,
  changes INTEGER DEFAULT (total_changes()));
INSERT INTO patchbay_log (id, tbl, kind, old, new, changes)
  SELECT id, tbl, kind, old, new, NULL FROM patchbay_kept_log;
DROP TABLE patchbay_kept_log;
)";
constexpr const char* kAny = "SELECT EXISTS (SELECT 1 FROM patchbay_log)";
constexpr const char* kForget = "DELETE FROM patchbay_log WHERE id <= ?1";
/// No program makes a row of this number.
constexpr std::int64_t kSilentMark = -5'711'942'108'236'774'521;
constexpr const char* kTableSchema =
    "SELECT s.json FROM patchbay_table AS t JOIN patchbay_schema AS s ON s.id = t.schema"
    " WHERE t.name = ?1";

/// Why an entry cannot be a change.
struct Impossible {
  std::string why;
};

/// The cells of one logged row, flat, whatever arrays they were logged in.
class LoggedCells {
 public:
  LoggedCells(const TableSchema& schema, std::string_view json) : schema_(schema), scanner_(json) {
    scanner_.expect('[');
    read_array();
    scanner_.expect_end();
    if (cells_.size() != schema_.columns.size()) {
      throw Impossible{"it has " + std::to_string(cells_.size()) + " values where the table has " +
                       std::to_string(schema_.columns.size()) + " columns"};
    }
  }

  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }

 private:
  void read_array() {
    bool first = true;
    while (scanner_.next_element(']', first)) {
      if (scanner_.take('[')) {
        read_array();
      } else {
        read_value();
      }
    }
  }

  void read_value() {
    if (cells_.size() >= schema_.columns.size()) throw Impossible{"it has too many values"};
    if (scanner_.take_null()) return cells_.push_back(Cell::null());
    std::string escaped;
    const std::string_view logged = scanner_.string(escaped);
    const auto value = read_logged(logged, texts_.emplace_back());
    if (!value) throw Impossible{"a value of it is not an SQL literal: " + std::string(logged)};
    const Column& column = schema_.columns[cells_.size()];
    cells_.push_back(found_cell(*value, column, texts_.emplace_back()));
  }

  const TableSchema& schema_;
  JsonScanner scanner_;
  std::deque<std::string> texts_;
  std::vector<Cell> cells_;
};

RowRef logged_row_of(Host& host, const TableSchema& schema, const SQLite::Column& json) {
  if (json.isNull()) return {};
  const char* text = json.getText();
  try {
    const LoggedCells logged(schema, {text, static_cast<std::size_t>(json.getBytes())});
    return host.make_row(schema, logged.cells());
  } catch (const Refused&) {
    throw Impossible{"a row of it is not a JSON array"};
  }
}

/// The cells of `row` that `wanted` takes, keys in their canonical spelling.
template <typename Wanted>
RowRef pick(Host& host, const Row& row, Wanted wanted) {
  const TableSchema& schema = row.schema();
  std::vector<Cell> cells(schema.columns.size());
  std::deque<std::string> keys;
  for (std::uint32_t column = 0; column < cells.size(); ++column) {
    if (!wanted(column)) continue;
    cells[column] = row.cell(column);
    if (!schema.is_key(column)) continue;
    keys.push_back(canonical_key_text(schema.columns[column], cells[column].text));
    cells[column] = Cell::of(keys.back());
  }
  return host.make_row(schema, cells);
}

RowRef key_of(Host& host, const Row& row) {
  for (const std::uint32_t column : row.schema().key) {
    if (!row.cell(column).is_text()) {
      throw Impossible{"its key column \"" + row.schema().columns[column].name +
                       "\" is NULL; give it a value"};
    }
  }
  return pick(host, row, [&](std::uint32_t column) { return row.schema().is_key(column); });
}

bool differs(const Row& before, const Row& after, std::uint32_t column) {
  const Cell was = before.cell(column);
  const Cell is = after.cell(column);
  if (was == is) return false;
  const Column& one = after.schema().columns[column];
  return !after.schema().is_key(column) || !was.is_text() || !is.is_text() ||
         canonical_key_text(one, was.text) != canonical_key_text(one, is.text);
}

Operation operation_of(Host& host, const RowRef& before, const RowRef& after) {
  if (!after) return {OperationKind::remove, key_of(host, *before), {}};
  const RowRef new_key = key_of(host, *after);
  if (!before) {
    const auto given = [&](std::uint32_t column) { return after->cell(column).is_text(); };
    return {OperationKind::insert, new_key, pick(host, *after, given)};
  }
  const auto changed = [&](std::uint32_t column) { return differs(*before, *after, column); };
  return {OperationKind::update, key_of(host, *before), pick(host, *after, changed)};
}

/// Columns of TEXT have nothing but texts, and blobs where they are bytes. A REAL goes with all its
/// digits: quote() tries 15 of them, and finds by a conversion that may err whether those do.
std::string logged_value(const Column& column, const std::string& value) {
  const std::string as_text = "'=' || " + value;
  const bool only_texts = declared_type(column) == "TEXT" && column.type != "bytea";
  if (only_texts) return as_text;
  return "CASE typeof(" + value + ") WHEN 'text' THEN " + as_text +
         (is_float(column) ? " WHEN 'real' THEN printf('%!.20e', " + value + ")" : "") +
         " ELSE quote(" + value + ") END";
}

std::string sentence(SQLite::Statement& entry, const std::string& why) {
  return "The local change " + entry.getColumn(4).getString() + " of the table " +
         entry.getColumn(0).getString() + " cannot be sent: " + why + ".";
}

}  // namespace

void LocalLog::create(SQLite::Database& database) {
  database.exec(kCreateLog);
}

void LocalLog::migrate(SQLite::Database& database, std::uint32_t from) {
  if (from == 1) database.exec("DROP TABLE patchbay_silent");
  if (from <= 6) database.exec(kFromVersion6);
}

void LocalLog::salvage(SQLite::Database& fresh, SQLite::Database& damaged) {
  static_cast<void>(copy_rows(fresh, damaged, {"patchbay_log", "id, tbl, kind, old, new", "id"}));
  fresh.exec("UPDATE patchbay_log SET changes = NULL");  // it has those of this connection
}

std::string LocalLog::logged_row(const TableSchema& schema, std::string_view prefix) {
  // SQL functions take 127 arguments at most, so many columns go in arrays of their own.
  std::string sql = "json_array(";
  const std::string row = std::string(prefix) + (prefix.ends_with('.') ? "" : ".");
  const bool nested = schema.columns.size() > tuning::kLoggedColumnsMax;
  for (std::size_t at = 0; at < schema.columns.size(); ++at) {
    const bool opens = nested && at % tuning::kLoggedColumnsMax == 0;
    if (opens && at > 0) sql += ')';
    if (at > 0) sql += ", ";
    if (opens) sql += "json_array(";
    sql += logged_value(schema.columns[at], row + quoted(schema.columns[at].name));
  }
  return sql + (nested ? "))" : ")");
}

std::string_view LocalLog::not_silent() noexcept {
  static const std::string condition = "last_insert_rowid() <> " + std::to_string(kSilentMark);
  return condition;
}

TakenLog LocalLog::take() {
  const bool single = store_.foreign_commits().count() == 1;
  auto [writes, whole] = read(single);
  for (LocalWrite& one : writes) {
    if (single && one.extent == Extent::several) one.extent = Extent::single;
  }
  // What is left is counted with what comes: it never is one transaction.
  if (whole) store_.foreign_commits().forget();
  writes = set_apart_refused(host_, std::move(writes));
  const std::size_t before = writes.size();
  std::vector<LocalWrite> cut = cut_by_size(std::move(writes));
  if (single && cut.size() > before) {
    host_.log(LogLevel::info,
              "A transaction of another program is more than one request has room for; it is "
              "sent as " +
                  std::to_string(cut.size()) + " writes, which the server takes one by one.");
  }
  return {std::move(cut), whole};
}

/// Reads the writes between marks and removes them from the log. `single`: all of it is one
/// transaction, so none of it is left for later.
TakenLog LocalLog::read(bool single) {
  TakenLog taken;
  std::vector<LocalWrite>& writes = taken.writes;
  MarkReader marks;
  std::size_t changes_read = 0;
  std::size_t bytes = 0;
  std::optional<std::int64_t> last;
  schemas_.clear();
  SQLite::Statement& entry = store_.statement(kEntries);
  while (entry.executeStep()) {
    const bool full = changes_read >= tuning::kPartChangesMax || bytes >= tuning::kPartBytesMax;
    if (full && !single && !marks.is_marked()) {
      taken.whole = false;
      break;
    }
    last = entry.getColumn(4).getInt64();
    ++changes_read;
    bytes +=
        static_cast<std::size_t>(entry.getColumn(1).getBytes() + entry.getColumn(2).getBytes());
    const SQLite::Column column = entry.getColumn(5);
    const auto changes = column.isNull() ? std::nullopt : std::optional(column.getInt64());
    if (std::string_view(entry.getColumn(3).getText()) == "boundary") {
      marks.mark(changes);
      continue;
    }
    if (marks.begins_write(changes)) {
      writes.emplace_back().extent = marks.is_marked() ? Extent::marked : Extent::several;
    }
    try {
      LocalChange found = change(entry);
      const std::string why = refusal_of(found.operation);
      if (!why.empty()) found.refusal = sentence(entry, why);
      writes.back().changes.push_back(std::move(found));
    } catch (const Impossible& impossible) {
      writes.back().refusal = sentence(entry, impossible.why);
    }
  }
  entry.reset();
  if (last) {
    SQLite::Statement& forget = store_.statement(kForget);
    forget.bind(1, *last);
    forget.exec();
  }
  return taken;
}

LocalChange LocalLog::change(SQLite::Statement& entry) {
  const TableSchema& table = schema(entry.getColumn(0).getString());
  LocalChange change;
  change.before = logged_row_of(host_, table, entry.getColumn(1));
  change.after = logged_row_of(host_, table, entry.getColumn(2));
  if (!change.before && !change.after) throw Impossible{"it names no row"};
  change.operation = operation_of(host_, change.before, change.after);
  return change;
}

/// The schema that the triggers saw: a newer one comes into the store only after the log was taken.
const TableSchema& LocalLog::schema(const std::string& table) {
  const auto known = schemas_.find(table);
  if (known != schemas_.end()) return *known->second;
  SQLite::Statement& found = store_.statement(kTableSchema);
  found.bind(1, table);
  if (!found.executeStep()) throw Impossible{"the store knows no such table"};
  const TableSchema& kept = host_.keep_schema(schema_of_json(found.getColumn(0).getString()));
  found.reset();
  schemas_.emplace(table, &kept);
  return kept;
}

bool LocalLog::is_empty() {
  SQLite::Statement& any = store_.statement(kAny);
  any.executeStep();
  const bool empty = any.getColumn(0).getInt() == 0;
  any.reset();
  return empty;
}

void LocalLog::set_silent(SQLite::Database& database, bool silent) {
  sqlite3_set_last_insert_rowid(database.getHandle(), silent ? kSilentMark : 0);
}

}  // namespace patchbay::sqlite
