// StreamStep: what the stream brings: changes, settlements and the position, in one transaction;
// the rows of a reset are staged before. StoreSteps -> StreamStep -> StreamRows and Journal. One
// for each store, on its strand.
#pragma once

#include <patchbay/batch.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <vector>

#include "ended_writes.hpp"
#include "step_transaction.hpp"
#include "stream_rows.hpp"

namespace patchbay::sqlite {

class StreamStep {
 public:
  StreamStep(StepTransaction& transaction, StreamRows& rows, Journal& journal, EndedWrites& ended)
      : transaction_(transaction), rows_(rows), journal_(journal), ended_(ended) {}

  /// Commits a batch. Gives what the step is to tell.
  [[nodiscard]] Result<Step> apply(const Batch& batch);

 private:
  [[nodiscard]] Result<Step> apply_changes(const Batch& batch);
  [[nodiscard]] Result<Step> apply_reset(const Batch& batch);
  [[nodiscard]] std::vector<TouchedRow> covered_rows(const Batch& batch);

  StepTransaction& transaction_;
  StreamRows& rows_;
  Journal& journal_;
  EndedWrites& ended_;
};

}  // namespace patchbay::sqlite
