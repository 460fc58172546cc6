#include "runtime/swap_deadline.hpp"

#include "log/log.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {

void SwapDeadline::watch(const std::shared_ptr<Successor>& successor) {
  set_timer(successor, 0, parts_.clock.now() + tuning::kSwapTimeMax);
  parts_.queue_strand.post([this, newest = std::weak_ptr(successor)] { newest_ = newest; });
}

void SwapDeadline::set_timer(const std::shared_ptr<Successor>& successor, std::size_t steps,
                             Clock::TimePoint until) {
  successor->limit = parts_.clock.after(tuning::kSwapStepMax, parts_.queue_strand,
                                        [this, successor, steps, until] {
                                          if (successor->is_decided()) return;
                                          const std::size_t ended = successor->steps_ended();
                                          if (ended == steps || until <= parts_.clock.now())
                                            return abandon(successor);
                                          set_timer(successor, ended, until);
                                        });
}

void SwapDeadline::end_with_host() {
  parts_.queue_strand.post([this] {
    parts_.clock.after(tuning::kSwapStopMax, parts_.queue_strand, [this] {
      if (const auto newest = newest_.lock()) abandon(newest);
    });
  });
}

void SwapDeadline::answer_by_end_of_host(const std::shared_ptr<Successor>& successor) {
  parts_.clock.after(tuning::kSwapStopMax, parts_.queue_strand, [successor] {
    successor->answer(failure(ErrorCode::in_doubt,
                              "The host is shutting down, and a step of the new pattern does not "
                              "return."));
  });
}

void SwapDeadline::answer_in_time(const std::shared_ptr<Successor>& successor, const Error& why) {
  parts_.clock.after(tuning::kSwapGiveUpMax, parts_.queue_strand, [successor, why] {
    successor->answer(
        failure(why.code, why.message + " A step of the new pattern is under way still; its module "
                                        "leaves the process once that has ended."));
  });
}

/// The successor has not come to an end, and may be in a step that never returns: its thread is not
/// waited for. Or the runner has not come to it, and the step that does not return is the old
/// one's.
void SwapDeadline::abandon(const std::shared_ptr<Successor>& successor) {
  if (!successor->decide()) return;
  const auto step = parts_.doing();
  const std::string why = step ? ": " + as_text(*step) : "";
  if (!successor->has_begun()) {
    log::misbehaving(parts_.instance, "A step of the pattern does not return" + why + ".");
    return successor->end(
        {ErrorCode::retry, "The pattern that runs is in a step that does not return" + why +
                               "; it continues, and cannot be replaced before. Try again later; if "
                               "the step never returns, end the host and start it again."});
  }
  release_(successor);
  successor->drop();
  successor->answer(
      failure(ErrorCode::in_doubt,
              "The new pattern was not ready in time, and may be in a step that never returns" +
                  why + "; it stays in the process until that returns, or the host ends." +
                  (successor->is_alone() ? "" : " The pattern that runs continues.")));
}

}  // namespace patchbay
