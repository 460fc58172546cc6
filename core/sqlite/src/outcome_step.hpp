// OutcomeStep: the server's verdicts, and the parts that take the place of a divided write.
// StoreSteps -> OutcomeStep -> Journal. One for each store, on its strand.
#pragma once

#include <patchbay/effects.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/write.hpp>

#include "ended_writes.hpp"
#include "step_transaction.hpp"

namespace patchbay::sqlite {

class OutcomeStep {
 public:
  OutcomeStep(StepTransaction& transaction, Journal& journal, EndedWrites& ended)
      : transaction_(transaction), journal_(journal), ended_(ended) {}

  /// Commits what the server has decided and tells it.
  [[nodiscard]] Result<void> apply(const Outcome& outcome, Effects& effects);
  /// Commits the parts of a write in its place.
  [[nodiscard]] Result<void> divide(const Division& division, Effects& effects);

 private:
  StepTransaction& transaction_;
  Journal& journal_;
  EndedWrites& ended_;
};

}  // namespace patchbay::sqlite
