#include "step_transaction.hpp"

#include <utility>

namespace patchbay::sqlite {

Result<Step> StepTransaction::run(StopPoint before, StopPoint after,
                                  const std::function<void(Step&)>& work) {
  for (bool whole = false; !whole;) {
    Step part(view_);
    const Result<void> done = store_.write([&] {
      whole = intake_.take(part);
      if (whole) work(part);
      stop_point(whole ? before : "local.before_commit");
    });
    if (!done) return tl::unexpected(done.error());
    stop_point(whole ? after : "local.committed");
    keep(std::move(part));
    if (!whole) LocalIntake::let_others_write();
  }
  Step step = *std::move(untold_);
  untold_.reset();
  return step;
}

void StepTransaction::keep(Step part) {
  if (untold_) {
    untold_->append(std::move(part));
  } else {
    untold_.emplace(std::move(part));
  }
}

}  // namespace patchbay::sqlite
