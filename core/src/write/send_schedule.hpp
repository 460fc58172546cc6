// SendSchedule: which request of a write queue goes next, and how long it waits after failures.
// WriteLine (order) and the results of requests -> the next request, or the time it is due. Pure:
// the time is an argument. Owned by the write queue, on its strand; the line outlives it.
//
// In turn, as Turn in request_in_flight.hpp names them:
//   health  when the head got kPoisonAttempts answers in a row that were not the backend's: where
//           the backend answers, the head is poison and set aside; else counting starts again.
//   voided  those writes one after another, as voids overtake.
//   aside   the poison writes one after another; after each the head, if that is due.
//   head    once the wait of the main lane is over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "time/clock.hpp"
#include "write/backoff.hpp"
#include "write/queue_observer.hpp"
#include "write/request_in_flight.hpp"
#include "write/write_line.hpp"

namespace patchbay {

struct NextRequest {
  Turn turn = Turn::head;
  std::vector<QueuedWrite*> writes;
};

class SendSchedule {
 public:
  using TimePoint = Clock::TimePoint;

  /// `seed`: of the jitter.
  SendSchedule(WriteLine& line, std::uint64_t seed) : line_(line), backoff_(seed) {}

  /// The request that goes now; nothing while all wait.
  [[nodiscard]] std::optional<NextRequest> next(TimePoint now);
  /// When to ask for the next one, which may have passed; nothing while the line is empty.
  [[nodiscard]] std::optional<TimePoint> due() const;

  /// Takes in what became of a request.
  void on_result(const RequestInFlight& request, const RequestResult& result, TimePoint now);
  /// Ends every wait: the network came back.
  void retry_all(TimePoint now);
  /// Ends the wait before the next void: there is a new one.
  void retry_voids(TimePoint now) { voids_.wait.not_before = now; }

  /// The state without credentials in view: idle, sending or retrying.
  [[nodiscard]] QueueStatus status() const;

 private:
  /// A pause after failures in a row.
  struct RetryWait {
    std::uint32_t failures = 0;
    TimePoint not_before{};
    std::string reason;  // the last failure's
  };
  /// Writes that are sent one after another: the next is behind the last that failed.
  struct Round {
    RetryWait wait;
    Place last;
  };

  [[nodiscard]] bool head_may_go() const;
  void on_round(Round& round, const RequestInFlight& request, const RequestResult& result,
                TimePoint now);
  void on_head_failed(const RequestInFlight& request, const RequestFailure& failure, TimePoint now);
  void on_aside_failed(const RequestFailure& failure);
  void on_health(const WriteId& suspect, bool answers);
  void count(const RequestInFlight& request, const RequestFailure& failure);
  void lengthen(RetryWait& wait, const RequestInFlight& request, const RequestFailure& failure,
                TimePoint now);

  WriteLine& line_;
  Backoff backoff_;
  RetryWait main_wait_;
  Round aside_;
  Round voids_;
  bool health_due_ = false;
  bool aside_had_its_turn_ = false;
};

}  // namespace patchbay
