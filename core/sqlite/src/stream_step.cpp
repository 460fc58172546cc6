#include "stream_step.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

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

}  // namespace

Result<Step> StreamStep::apply(const Batch& batch) {
  return batch.reset ? apply_reset(batch) : apply_changes(batch);
}

Result<Step> StreamStep::apply_changes(const Batch& batch) {
  return transaction_.run("batch.before_commit", "batch.committed", [&](Step& step) {
    const bool is_new = rows_.prepare(batch.table);
    std::vector<TouchedRow> rows = covered_rows(batch);
    for (const Settlement& settlement : batch.settled) {
      append(rows, journal_.rows_of(settlement.write));
    }
    step.remember(rows);
    const std::set<RowName> folded = names_of(rows);
    for (const Change& change : batch.changes) {
      if (!folded.contains(row_name(*change.row))) step.changed(change);
    }
    rows_.apply(batch);
    append(rows, ended_.settle(batch.settled));
    if (is_new) append(rows, journal_.covered(batch.table.name));
    step.fold(std::move(rows));
  });
}

/// Rows of the batch that unfinished writes touch: the stream's word is not what the view shows.
std::vector<TouchedRow> StreamStep::covered_rows(const Batch& batch) {
  std::vector<TouchedRow> rows;
  for (const Change& change : batch.changes) {
    RowName name = row_name(*change.row);
    if (journal_.covers(name)) rows.push_back({std::move(name), change.row});
  }
  return rows;
}

/// Readers see the old rows until all new ones are there. Where the columns have changed the old
/// rows go, so that all happens in one transaction.
Result<Step> StreamStep::apply_reset(const Batch& batch) {
  const Result<bool> in_one = rows_.changes_columns(batch.table);
  if (!in_one) return tl::unexpected(in_one.error());
  const LongerWait longer = rows_.wait_longer();
  if (!*in_one) {
    if (const Result<void> staged = rows_.fill(batch); !staged) {
      return tl::unexpected(staged.error());
    }
  }
  return transaction_.run("batch.before_commit", "batch.committed", [&](Step& step) {
    if (*in_one) rows_.fill_in_step(batch);
    rows_.switch_to_stage(batch);
    std::vector<TouchedRow> rows = ended_.settle(batch.settled);
    append(rows, journal_.covered(batch.table.name));
    step.fold(std::move(rows));
  });
}

}  // namespace patchbay::sqlite
