#include "write/send_schedule.hpp"

#include <limits>
#include <utility>

#include "log/log.hpp"
#include "write/tuning.hpp"

namespace patchbay {

std::optional<NextRequest> SendSchedule::next(TimePoint now) {
  if (std::exchange(probe_due_, false)) {
    if (QueuedWrite* probe = next_probe()) return NextRequest{Turn::probe, {probe}};
  }
  QueuedWrite* aside = due_aside(now);
  const bool head_due = line_.head() != nullptr && main_wait_.not_before <= now;
  if (aside != nullptr && !(head_due && aside_had_its_turn_)) {
    aside_had_its_turn_ = true;
    return NextRequest{Turn::aside, {aside}};
  }
  aside_had_its_turn_ = false;
  if (head_due) return NextRequest{Turn::head, line_.next_request()};
  return std::nullopt;
}

std::optional<Clock::TimePoint> SendSchedule::due() const {
  std::optional<TimePoint> due;
  if (line_.head() != nullptr) due = main_wait_.not_before;
  for (auto& [place, queued] : line_.aside()) {
    const TimePoint one = queued.trouble().wait.not_before;
    if (!due || one < *due) due = one;
  }
  return due;
}

QueuedWrite* SendSchedule::due_aside(TimePoint now) {
  QueuedWrite* first = nullptr;
  TimePoint earliest{};
  for (auto& [place, queued] : line_.aside()) {
    const TimePoint due = queued.trouble().wait.not_before;
    if (due > now || (first != nullptr && due >= earliest)) continue;
    first = &queued;
    earliest = due;
  }
  return first;
}

QueuedWrite* SendSchedule::next_probe() {
  QueuedWrite* probe = line_.independent_of_head(probed_);
  if (probe != nullptr || !probed_) return probe;
  probed_.reset();
  return line_.independent_of_head(probed_);
}

void SendSchedule::on_result(const RequestInFlight& request, const RequestResult& result,
                             TimePoint now) {
  const std::optional<RequestFailure>& failure = result.failure;
  switch (request.turn) {
    case Turn::probe:
      return failure ? on_probe_failed(failure->write) : on_probe_succeeded(request.suspect);
    case Turn::head:
      if (result.any_final) {
        main_wait_ = {};
        probed_.reset();
      }
      if (failure) on_head_failed(request, *failure, now);
      return;
    case Turn::aside:
      QueuedWrite* queued = failure ? line_.find(failure->write) : nullptr;
      if (queued != nullptr) lengthen(queued->trouble().wait, request, *failure, now);
      return;
  }
}

void SendSchedule::on_head_failed(const RequestInFlight& request, const RequestFailure& failure,
                                  TimePoint now) {
  lengthen(main_wait_, request, failure, now);
  QueuedWrite* queued = line_.find(failure.write);
  if (queued == nullptr || failure.unknown.unauthorized) return;
  const bool answered = failure.unknown.server_answered && !request.asks_time;
  constexpr std::uint8_t kMost = std::numeric_limits<std::uint8_t>::max();
  if (!answered) queued->answered_unknowns = 0;
  if (answered && queued->answered_unknowns < kMost) ++queued->answered_unknowns;
  probe_due_ = queued == line_.head() && queued->answered_unknowns >= tuning::kPoisonAttempts;
}

void SendSchedule::on_probe_failed(const WriteId& probe) {
  if (const QueuedWrite* queued = line_.find(probe)) probed_ = queued->place();
}

void SendSchedule::on_probe_succeeded(const WriteId& suspect) {
  const RetryWait wait = std::exchange(main_wait_, {});
  QueuedWrite* head = line_.head();
  if (head == nullptr || head->outgoing.write.id != suspect) return;
  log::warning("write queue",
               "The write " + suspect.text() +
                   " gets no outcome while the server answers others; it and later "
                   "writes on its rows are set aside and tried again. Last answer: " +
                   wait.reason);
  head->trouble().wait = wait;
  probed_.reset();
  line_.set_head_aside();
}

void SendSchedule::lengthen(RetryWait& wait, const RequestInFlight& request,
                            const RequestFailure& failure, TimePoint now) {
  wait.reason = failure.unknown.reason;
  wait.not_before = now;
  if (failure.unknown.unauthorized) return;  // new credentials end that wait, not time
  const auto delay = backoff_.draw(wait.failures++, failure.unknown.retry_after);
  const QueuedWrite* queued = line_.find(failure.write);
  const bool void_is_next = queued != nullptr && queued->voiding && !request.voiding;
  if (!request.network_restored && !void_is_next) wait.not_before += delay;
}

void SendSchedule::retry_all(TimePoint now) {
  main_wait_.not_before = now;
  for (auto& [place, queued] : line_.aside()) queued.trouble().wait.not_before = now;
}

void SendSchedule::retry(QueuedWrite& queued, TimePoint now) {
  if (queued.lane == LaneKind::aside) queued.trouble().wait.not_before = now;
  if (&queued == line_.head()) main_wait_.not_before = now;
}

QueueStatus SendSchedule::status() const {
  QueueStatus status;
  status.waiting = line_.size();
  WriteLane& aside = line_.aside();
  const bool main_waits = line_.head() != nullptr;
  if (main_waits && main_wait_.failures == 0) {
    status.state = QueueState::sending;
  } else if (main_waits || !aside.empty()) {
    status.state = QueueState::retrying;
    status.reason = main_waits ? main_wait_.reason : aside.begin()->second.trouble().wait.reason;
  }
  return status;
}

}  // namespace patchbay
