// ViewReader: reads the view of the pattern that runs, with the pending marks that the runner
// knows. Apps -> here -> pattern (a step of its own). On the runner's strand,
// owned by the runner.
#pragma once

#include <patchbay/query.hpp>
#include <patchbay/result.hpp>
#include <vector>

#include "port/pattern_port.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/view_events.hpp"
#include "runtime/write_book.hpp"

namespace patchbay {

class ViewReader {
 public:
  /// All four outlive the reader.
  ViewReader(PatternSlot& slot, StepLoop& loop, WriteBook& book, ViewEvents& view)
      : slot_(slot), loop_(loop), book_(book), view_(view) {}

  /// Rows that a reader asked for, up to kRowsPerAnswerMax. ErrorCode::retry: the pattern does not
  /// run, or has no rows of the table yet.
  [[nodiscard]] Result<std::vector<ViewRow>> read(const RowsRequest& request);
  /// Tells readers the rows whose pending mark may have changed.
  void announce_touched();

 private:
  [[nodiscard]] Result<void> run_query(const Query& query, RowSink& sink);
  [[nodiscard]] RowRef find(const RowRef& key);

  PatternSlot& slot_;
  StepLoop& loop_;
  WriteBook& book_;
  ViewEvents& view_;
};

}  // namespace patchbay
