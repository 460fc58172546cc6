// StepTransaction: the transaction of a step: what other programs wrote comes first, so that local
// order is kept, and in transactions of its own while it is more than one should hold. The steps ->
// StepTransaction -> Store. One for each store, on its strand.
#pragma once

#include <functional>
#include <optional>
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

  /// Commits `work`, or none of it. Gives what the step is to tell. `before` and `after`: of the
  /// commit. Where this fails, parts of what other programs wrote may be committed: the next call
  /// that succeeds tells them.
  [[nodiscard]] Result<Step> run(StopPoint before, StopPoint after,
                                 const std::function<void(Step&)>& work);
  /// Whether something is committed that no step has told yet.
  [[nodiscard]] bool has_untold() const noexcept { return untold_.has_value(); }

 private:
  void keep(Step part);

  Store& store_;
  ViewFold& view_;
  LocalIntake& intake_;
  std::optional<Step> untold_;  ///< The effects of committed parts.
};

}  // namespace patchbay::sqlite
