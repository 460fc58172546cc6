// SendSchedule: which request of a write queue goes next, and how long it waits after failures.
// WriteLine (order) and the results of requests -> the next request, or the time it is due. Pure:
// the time is an argument. Owned by the write queue, on its strand; the line outlives it.
//
// In turn, as Turn in request_in_flight.hpp names them:
//   probe   when the head failed kPoisonAttempts times in a row while something answered: one
//           independent write goes first. A verdict for it proves that the head is poison, which is
//           set aside; without one the next probe is a later write.
//   aside   the poison write whose own wait ended first; after it the head, if that is due.
//   head    once the wait of the main lane is over.
#pragma once

#include <cstdint>
#include <optional>
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

  /// A request that `next` chose could not leave yet: its turn comes again.
  void postpone(Turn turn) { probe_due_ = turn == Turn::probe; }
  /// Takes in what became of a request.
  void on_result(const RequestInFlight& request, const RequestResult& result, TimePoint now);
  /// Ends every wait: the network came back.
  void retry_all(TimePoint now);
  /// Ends the wait before the next request of this write, if it is the one that is waited for.
  void retry(QueuedWrite& queued, TimePoint now);

  /// The state without credentials in view: idle, sending or retrying.
  [[nodiscard]] QueueStatus status() const;

 private:
  [[nodiscard]] QueuedWrite* due_aside(TimePoint now);
  [[nodiscard]] QueuedWrite* next_probe();
  void on_head_failed(const RequestInFlight& request, const RequestFailure& failure, TimePoint now);
  void on_probe_failed(const WriteId& probe);
  void on_probe_succeeded(const WriteId& suspect);
  void lengthen(RetryWait& wait, const RequestInFlight& request, const RequestFailure& failure,
                TimePoint now);

  WriteLine& line_;
  Backoff backoff_;
  RetryWait main_wait_;
  bool probe_due_ = false;
  std::optional<Place> probed_;  // the last probe without a verdict: the next looks behind it
  bool aside_had_its_turn_ = false;
};

}  // namespace patchbay
