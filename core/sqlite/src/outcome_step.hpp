// OutcomeStep: the server's verdicts. A refused write that may be several transactions of another
// program continues in pieces that share no row, in its place: the host holds what came after it
// until then. StoreSteps -> OutcomeStep -> Journal. One for each store, on its strand.
#pragma once

#include <cstddef>
#include <patchbay/effects.hpp>
#include <patchbay/host.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/write.hpp>

#include "ended_writes.hpp"
#include "step_transaction.hpp"

namespace patchbay::sqlite {

class OutcomeStep {
 public:
  OutcomeStep(Host& host, StepTransaction& transaction, Journal& journal, EndedWrites& ended)
      : host_(host), transaction_(transaction), journal_(journal), ended_(ended) {}

  /// Commits what the server has decided and tells it.
  [[nodiscard]] Result<void> apply(const Outcome& outcome, Effects& effects);

 private:
  [[nodiscard]] std::size_t reject(const Outcome& outcome, Step& step);
  [[nodiscard]] std::size_t send_in_pieces(const KeptWrite& kept, const Outcome& outcome,
                                           Step& step);

  Host& host_;
  StepTransaction& transaction_;
  Journal& journal_;
  EndedWrites& ended_;
};

}  // namespace patchbay::sqlite
