#include "step_transaction.hpp"

namespace patchbay::sqlite {

Result<Step> StepTransaction::run(StopPoint before, StopPoint after,
                                  const std::function<void(Step&)>& work) {
  Step step(view_);
  const Result<void> done = store_.write([&] {
    intake_.take(step);
    work(step);
    stop_point(before);
  });
  if (!done) return tl::unexpected(done.error());
  stop_point(after);
  return step;
}

}  // namespace patchbay::sqlite
