// What the stream brings: changes, settlements and the position, in one transaction; the rows of a
// reset are staged before, slice by slice.
#include <sqlite3.h>

#include <algorithm>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <set>
#include <utility>

#include "key_order.hpp"
#include "step.hpp"
#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

void append(std::vector<TouchedRow>& rows, std::vector<TouchedRow> more) {
  std::ranges::move(more, std::back_inserter(rows));
}

std::set<RowName> names_of(const std::vector<TouchedRow>& rows) {
  std::set<RowName> names;
  for (const TouchedRow& row : rows) names.insert(row.name);
  return names;
}

template <typename Take>
void in_slices(std::span<const Change> rows, Take take) {
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), tuning::kStageRowsMax);
    take(rows.first(count));
    rows = rows.subspan(count);
  }
}

/// A reset that met a busy file would begin again with its first slice: it waits longer for other
/// programs.
class LongerWait {
 public:
  explicit LongerWait(SQLite::Database& database) : database_(database.getHandle()) {
    sqlite3_busy_timeout(database_, tuning::kOpenBusyTimeoutMs);
  }
  LongerWait(const LongerWait&) = delete;
  LongerWait& operator=(const LongerWait&) = delete;
  ~LongerWait() { sqlite3_busy_timeout(database_, tuning::kBusyTimeoutMs); }

 private:
  sqlite3* database_;
};

}  // namespace

Result<void> SqlitePattern::on_batch(const Batch& batch, Effects& effects) {
  if (!store_) return {};  // the predecessor puts it there, until it hands its store over
  Step step(*host_, *tables_, *journal_, *rows_);
  Result<void> done = batch.reset ? apply_reset(batch, step) : apply_changes(batch, step);
  if (!done) return done;
  step.tell(effects, batch.reset ? &batch.table : nullptr);
  if (batch.reset) effects.table_changed(batch.table);
  return {};
}

Result<void> SqlitePattern::apply_changes(const Batch& batch, Step& step) {
  return commit(step, "batch.before_commit", "batch.committed", [&] {
    const bool anew = prepare(batch.table);
    std::vector<TouchedRow> rows = covered_rows(batch);
    for (const Settlement& settlement : batch.settled) {
      append(rows, journal_->rows_of(settlement.write));
    }
    step.remember(rows);
    const std::set<RowName> folded = names_of(rows);
    for (const Change& change : batch.changes) {
      if (!folded.contains(row_name(*change.row))) step.changed(change);
    }
    rows_->apply(batch.table, batch.changes);
    settle(batch, rows);
    if (anew) append(rows, journal_->covered(batch.table.name));
    step.fold(std::move(rows));
    tables_->advance_position(batch.table.name, batch.position);
  });
}

/// Rows of the batch that unfinished writes touch: the stream's word is not what the view shows.
std::vector<TouchedRow> SqlitePattern::covered_rows(const Batch& batch) {
  std::vector<TouchedRow> rows;
  for (const Change& change : batch.changes) {
    RowName name = row_name(*change.row);
    if (journal_->covers(name)) rows.push_back({std::move(name), change.row});
  }
  return rows;
}

void SqlitePattern::settle(const Batch& batch, std::vector<TouchedRow>& rows) {
  for (const Settlement& settlement : batch.settled) {
    append(rows, settlement.confirmed ? end_write(settlement.write, false)
                                      : journal_->settle(settlement.write, settlement.operations));
  }
}

std::vector<TouchedRow> SqlitePattern::end_write(const WriteId& write, bool discarded) {
  if (const auto digest = journal_->digest(write)) finals_->add(write, {discarded, *digest});
  return journal_->erase(write);
}

/// Readers see the old rows until all new ones are there. Where the columns have changed the old
/// rows go, so that all happens in one transaction.
Result<void> SqlitePattern::apply_reset(const Batch& batch, Step& step) {
  const TableSchema& schema = host_->keep_schema(batch.table);
  const TableSchema* known = nullptr;
  Result<void> done = store_->read([&] { known = tables_->find_schema(schema.name); });
  if (!done) return done;
  const bool in_one = known != nullptr && known != &schema;
  const LongerWait longer(store_->database());
  if (!in_one) done = stage(batch);
  if (!done) return done;
  return commit(step, "batch.before_commit", "batch.committed", [&] {
    if (in_one) {
      prepare(batch.table);
      rows_->begin_stage(batch.table);
      rows_->stage(batch.table, batch.changes);
    }
    rows_->switch_to_stage(batch.table);
    std::vector<TouchedRow> rows;
    settle(batch, rows);
    append(rows, journal_->covered(schema.name));
    step.fold(std::move(rows));
    tables_->set_position(schema.name, batch.position);
  });
}

Result<void> SqlitePattern::stage(const Batch& batch) {
  bool begun = false;
  const auto begin = [&] {
    if (std::exchange(begun, true)) return;
    prepare(batch.table);
    rows_->begin_stage(batch.table);
  };
  if (batch.changes.empty()) return store_->write(begin);
  Result<void> done;
  const std::vector<Change> ordered = in_key_order(batch.table, batch.changes);
  in_slices(ordered, [&](std::span<const Change> slice) {
    if (!done) return;
    done = store_->write([&] {
      begin();
      rows_->stage(batch.table, slice);
      stop_point("stage.before_commit");
    });
    if (done) stop_point("stage.committed");
  });
  return done;
}

bool SqlitePattern::prepare(const TableSchema& table) {
  const TableSchema& schema = host_->keep_schema(table);
  const TableSchema* previous = tables_->find_schema(schema.name);
  if (previous == &schema) return false;
  rows_->prepare(schema, previous);
  tables_->set_schema(schema);
  store_->forget_statements();
  return true;
}

}  // namespace patchbay::sqlite
