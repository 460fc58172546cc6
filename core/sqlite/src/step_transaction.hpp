// StepTransaction: one transaction of a step: what other programs wrote comes first, so that local
// order is kept. The steps -> StepTransaction -> Store. One for each store, on its strand.
#pragma once

#include <functional>
#include <patchbay/result.hpp>
#include <patchbay/sqlite/store.hpp>

#include "local_intake.hpp"
#include "step.hpp"
#include "stop_point.hpp"
#include "view_fold.hpp"

namespace patchbay::sqlite {

class StepTransaction {
 public:
  StepTransaction(Store& store, ViewFold& view, LocalIntake& intake)
      : store_(store), view_(view), intake_(intake) {}

  /// Commits `work`, or nothing. Gives what the step is to tell. `before` and `after`: of the
  /// commit.
  [[nodiscard]] Result<Step> run(StopPoint before, StopPoint after,
                                 const std::function<void(Step&)>& work);

 private:
  Store& store_;
  ViewFold& view_;
  LocalIntake& intake_;
};

}  // namespace patchbay::sqlite
