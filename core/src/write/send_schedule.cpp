#include "write/send_schedule.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "log/log.hpp"
#include "write/tuning.hpp"

namespace patchbay {
namespace {

bool is_suspect(const QueuedWrite* head) {
  return head != nullptr && head->foreign_answers >= tuning::kPoisonAttempts;
}

}  // namespace

std::optional<NextRequest> SendSchedule::next(TimePoint now) {
  QueuedWrite* head = line_.head();
  if (std::exchange(health_due_, false) && is_suspect(head)) {
    return NextRequest{Turn::health, {head}};
  }
  QueuedWrite* voided = line_.voided_behind(voids_.last);
  if (voided != nullptr && voids_.wait.not_before <= now) {
    return NextRequest{Turn::voided, {voided}};
  }
  QueuedWrite* aside = line_.aside_behind(aside_.last);
  const bool aside_due = aside != nullptr && aside_.wait.not_before <= now;
  const bool head_due = head_may_go() && main_wait_.not_before <= now;
  if (aside_due && !(head_due && aside_had_its_turn_)) {
    aside_had_its_turn_ = true;
    return NextRequest{Turn::aside, {aside}};
  }
  aside_had_its_turn_ = false;
  if (head_due) return NextRequest{Turn::head, line_.next_request()};
  return std::nullopt;
}

std::optional<Clock::TimePoint> SendSchedule::due() const {
  std::optional<TimePoint> due;
  const auto take = [&due](const RetryWait& wait) {
    due = std::min(due.value_or(wait.not_before), wait.not_before);
  };
  if (head_may_go()) take(main_wait_);
  if (line_.aside_behind({}) != nullptr) take(aside_.wait);
  if (line_.voided_behind({}) != nullptr) take(voids_.wait);
  return due;
}

/// The main lane stands still behind a write that is voided.
bool SendSchedule::head_may_go() const {
  const QueuedWrite* head = line_.head();
  return head != nullptr && !head->voiding;
}

void SendSchedule::on_result(const RequestInFlight& request, const RequestResult& result,
                             TimePoint now) {
  switch (request.turn) {
    case Turn::health:
      return on_health(request.writes.front(), !result.failure);
    case Turn::head:
      if (result.any_final) main_wait_ = {};
      if (result.failure) on_head_failed(request, *result.failure, now);
      return;
    case Turn::aside:
      on_round(aside_, request, result, now);
      if (result.failure) on_aside_failed(*result.failure);
      return;
    case Turn::voided:
      on_round(voids_, request, result, now);
      if (result.any_final) main_wait_ = {};
      if (result.failure) count(request, *result.failure);
      return;
  }
}

void SendSchedule::on_round(Round& round, const RequestInFlight& request,
                            const RequestResult& result, TimePoint now) {
  if (result.any_final) round.wait = {};
  if (!result.failure) return;
  lengthen(round.wait, request, *result.failure, now);
  if (const auto* queued = line_.find(result.failure->write)) round.last = queued->place();
}

void SendSchedule::on_head_failed(const RequestInFlight& request, const RequestFailure& failure,
                                  TimePoint now) {
  lengthen(main_wait_, request, failure, now);
  count(request, failure);
}

/// The backend's own word on a poison write: it gets answers like any other, and goes in order.
void SendSchedule::on_aside_failed(const RequestFailure& failure) {
  QueuedWrite* queued = line_.find(failure.write);
  if (queued == nullptr || !failure.unknown.by_backend) return;
  queued->foreign_answers = 0;
  main_wait_ = aside_.wait;
  line_.end_aside(*queued);
}

/// Counts the answers that are not the backend's, up to what asks whether it answers others.
void SendSchedule::count(const RequestInFlight& request, const RequestFailure& failure) {
  const Unknown& unknown = failure.unknown;
  QueuedWrite* queued = line_.find(failure.write);
  if (queued == nullptr || unknown.unauthorized) return;
  constexpr std::uint8_t kMost = std::numeric_limits<std::uint8_t>::max();
  const bool foreign = !unknown.by_backend && !unknown.never_sent && !request.asks_time;
  if (!foreign) {
    queued->foreign_answers = 0;
  } else if (queued->foreign_answers < kMost) {
    ++queued->foreign_answers;
  }
  health_due_ = queued == line_.head() && is_suspect(queued);
}

void SendSchedule::on_health(const WriteId& suspect, bool answers) {
  QueuedWrite* head = line_.head();
  if (!is_suspect(head) || head->outgoing.write.id != suspect) return;
  if (!answers) {
    head->foreign_answers = 0;
    return;
  }
  log::warning("write queue", "The write " + suspect.text() +
                                  " gets no answer of the backend, which answers otherwise. It is "
                                  "set aside and tried again; later writes go past it where that "
                                  "is harmless. Last answer: " +
                                  main_wait_.reason);
  const RetryWait wait = std::exchange(main_wait_, {});
  if (line_.aside().empty()) aside_.wait = wait;
  line_.set_head_aside();
}

void SendSchedule::lengthen(RetryWait& wait, const RequestInFlight& request,
                            const RequestFailure& failure, TimePoint now) {
  wait.reason = failure.unknown.reason;
  wait.not_before = now;
  if (failure.unknown.unauthorized) return;  // new credentials end that wait, not time
  const auto delay = backoff_.draw(wait.failures++, failure.unknown.retry_after);
  if (!request.network_restored) wait.not_before += delay;
}

void SendSchedule::retry_all(TimePoint now) {
  for (RetryWait* wait : {&main_wait_, &aside_.wait, &voids_.wait}) wait->not_before = now;
}

QueueStatus SendSchedule::status() const {
  QueueStatus status;
  status.waiting = line_.size();
  if (status.waiting == 0) return status;
  const bool only_aside = !head_may_go() && line_.voided_behind({}) == nullptr;
  const RetryWait& wait = head_may_go() ? main_wait_ : only_aside ? aside_.wait : voids_.wait;
  status.state = wait.failures == 0 ? QueueState::sending : QueueState::retrying;
  if (wait.failures > 0) status.reason = wait.reason;
  if (only_aside && line_.any_blocked() && wait.failures > 0) {
    status.reason = "Writes wait behind the write " +
                    line_.aside().begin()->second.outgoing.write.id.text() +
                    ", which the server has not decided. " + status.reason;
  }
  return status;
}

}  // namespace patchbay
