#include "runtime/outcome_lookup.hpp"

#include <patchbay/kit/final_writes.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/tuning.hpp"

namespace patchbay {
namespace {

std::int64_t wall_ms(const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.wall_now().time_since_epoch())
      .count();
}

tl::unexpected<Error> not_answered(const std::string& why) {
  return failure(ErrorCode::retry,
                 "This host does not remember the write, and the backend cannot be asked now: " +
                     why + " Try again.");
}

Result<std::optional<FinalVerdict>> outcome_of(const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) return std::optional<FinalVerdict>();
  if (const auto* answer = std::get_if<Acknowledgement>(&verdicts.front())) {
    return std::optional<FinalVerdict>(*answer);
  }
  if (const auto* refusal = std::get_if<Rejection>(&verdicts.front())) {
    return std::optional<FinalVerdict>(*refusal);
  }
  return not_answered(std::get<Unknown>(verdicts.front()).reason);
}

}  // namespace

OutcomeLookup::OutcomeLookup(Executor& strand, Clock& clock, WriteGateway& gateway)
    : gate_(std::make_shared<StrandGate>(strand)),
      strand_(strand),
      clock_(clock),
      gateway_(gateway),
      began_ms_(wall_ms(clock)) {}

OutcomeLookup::~OutcomeLookup() {
  gate_->close();
}

bool OutcomeLookup::may_be_older(const WriteId& write, std::int64_t since_ms) const {
  const auto made_ms = made_at_ms(write);
  return !made_ms || *made_ms < since_ms || *made_ms > wall_ms(clock_);
}

void OutcomeLookup::ask(Write write, Callback callback) {
  const std::uint64_t number = ++asked_;
  Open& open = open_[number];
  open.callback = std::move(callback);
  open.timer = clock_.after(tuning::kOutcomeLookupMax, strand_, gate_->guarded([this, number] {
    end(number, not_answered("no answer came in time."));
  }));
  // The callback comes on a thread of the gateway, perhaps after the runner has gone.
  gateway_.ask_outcome(
      std::move(write), [this, number, gate = gate_](std::vector<Verdict> verdicts, std::int64_t) {
        gate->post(
            [this, number, verdicts = std::move(verdicts)] { end(number, outcome_of(verdicts)); });
      });
}

void OutcomeLookup::end(std::uint64_t number, const Result<std::optional<FinalVerdict>>& outcome) {
  const auto ended = open_.find(number);
  if (ended == open_.end() || ended->second.outcome) return;
  clock_.cancel(ended->second.timer);
  ended->second.outcome = outcome;
  while (!open_.empty() && open_.begin()->second.outcome) {
    const auto first = open_.extract(open_.begin());
    first.mapped().callback(*first.mapped().outcome);
  }
}

void OutcomeLookup::close() {
  gate_->close();
  for (auto& [number, open] : std::exchange(open_, {})) {
    clock_.cancel(open.timer);
    open.callback(failure(ErrorCode::cancelled, "The host is shutting down."));
  }
}

}  // namespace patchbay
