#include "stream_rows.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "key_order.hpp"
#include "stop_point.hpp"
#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

template <typename Take>
void in_slices(std::span<const Change> rows, Take take) {
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), tuning::kStageRowsMax);
    take(rows.first(count));
    rows = rows.subspan(count);
  }
}

}  // namespace

bool StreamRows::prepare(const TableSchema& table) {
  const TableSchema& schema = host_.keep_schema(table);
  const TableSchema* previous = tables_.find_schema(schema.name);
  if (previous == &schema) return false;
  rows_.prepare(schema, previous);
  tables_.set_schema(schema);
  store_.forget_statements();
  return true;
}

Result<bool> StreamRows::changes_columns(const TableSchema& table) {
  const TableSchema& schema = host_.keep_schema(table);
  const TableSchema* known = nullptr;
  const Result<void> done = store_.read([&] { known = tables_.find_schema(schema.name); });
  if (!done) return tl::unexpected(done.error());
  return known != nullptr && known != &schema;
}

void StreamRows::apply(const Batch& changes) {
  rows_.apply(changes.table, changes.changes);
  tables_.advance_position(changes.table.name, changes.position);
}

Result<void> StreamRows::fill(const Batch& reset) {
  bool begun = false;
  const auto begin = [&] {
    if (std::exchange(begun, true)) return;
    prepare(reset.table);
    rows_.begin_stage(reset.table);
  };
  if (reset.changes.empty()) return store_.write(begin);
  Result<void> done;
  const std::vector<Change> ordered = in_key_order(reset.table, reset.changes);
  in_slices(ordered, [&](std::span<const Change> slice) {
    if (!done) return;
    done = store_.write([&] {
      begin();
      rows_.stage(reset.table, slice);
      stop_point("stage.before_commit");
    });
    if (done) stop_point("stage.committed");
  });
  return done;
}

void StreamRows::fill_in_step(const Batch& reset) {
  prepare(reset.table);
  rows_.begin_stage(reset.table);
  rows_.stage(reset.table, reset.changes);
}

void StreamRows::switch_to_stage(const Batch& reset) {
  rows_.switch_to_stage(reset.table);
  tables_.set_position(reset.table.name, reset.position);
}

}  // namespace patchbay::sqlite
