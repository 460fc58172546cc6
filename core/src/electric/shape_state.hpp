// ShapeState: how one shape is followed, as a value. `step` takes a state and an event and gives
// the next state and what to do; the shape follower does it. Pure, no I/O, no time of its own.
//
//   idle ─start─► snapshot ─► catching_up ─► live ◄─► asking
//                    ▲             │          │         │
//                    └── 409 ──────┴──────────┴─────────┘
//   from any of them: failed ─► waiting ─timer─► snapshot | catching_up
//                     refused ─► stopped ─restart─► snapshot | catching_up
//
//  1. `offset` moves only with an answer whose rows were taken (`answered`, `up_to_date`).
//  2. A refetch starts at "-1" and never continues with an old handle.
//  3. A request that follows a failure waits; nothing spins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stream/stream_batch.hpp"
#include "time/clock.hpp"

namespace patchbay::electric {

enum class Phase : std::uint8_t {
  idle,         ///< Not started.
  snapshot,     ///< Asks for the start of the snapshot, at "-1".
  catching_up,  ///< Has a handle; asks without waiting until an answer is up to date.
  live,         ///< Up to date; a long poll is parked.
  asking,       ///< Up to date; asks past the caches so that a moved LSN is seen and proven.
  waiting,      ///< After a failure, until the timer.
  stopped,      ///< The server refused; waits for `restart`.
};

enum class EventKind : std::uint8_t {
  start,
  answered,      ///< A good answer that is not up to date; `handle`, `offset`.
  up_to_date,    ///< A good answer that is; `handle`, `offset`, `cursor`, `lsn_moved`.
  stale,         ///< A good answer of an expired or foreign handle.
  must_refetch,  ///< The shape was rotated, or the offset is out of bounds.
  broken_log,    ///< The messages cannot be right: an update of a row never inserted; `reason`.
  failed,        ///< No usable answer; `reason`, `retry_after`.
  refused,       ///< The server said no for good; `reason`.
  timer,
  ask,
  restart,
};

struct ShapeEvent {
  EventKind kind = EventKind::start;
  std::string handle;
  std::string offset;
  std::string cursor;
  std::string reason;
  std::chrono::milliseconds retry_after{0};
  /// The answer reported an LSN beyond what had been reported when its request was sent.
  bool lsn_moved = false;
};

enum class ActionKind : std::uint8_t {
  none,
  request,  ///< Send what `request_of` says; a request still in flight is cancelled.
  wait,     ///< Come back with `timer` after `delay`.
  stop,
};

struct Action {
  ActionKind kind = ActionKind::none;
  std::chrono::milliseconds delay{0};
  bool refetch = false;  ///< First drop the rows that wait for an up-to-date.
};

/// The memory of the spin guard: requests at one offset, since when.
struct SpinGuard {
  std::string offset;
  std::uint32_t requests = 0;
  Clock::TimePoint since;
};

struct ShapeState {
  Phase phase = Phase::idle;
  std::string handle;
  std::string offset = "-1";
  std::string cursor;
  std::string expired_handle;  ///< The handle the last 409 retired, until another is accepted.
  bool bust_cache = false;     ///< The next request must not be answered by a cache.
  bool caught_up = false;      ///< Has been up to date since the last refetch.
  bool ask_wanted = false;     ///< Asked for while not live.
  bool proving = false;        ///< In `asking`: the second request, which proves.
  std::uint32_t attempt = 0;   ///< Failures since the last good answer.
  std::uint32_t stale_answers = 0;
  std::uint32_t broken_logs = 0;
  Clock::TimePoint broken_at;
  std::string reason;  ///< Why following waits or has stopped.
  SpinGuard spin;
};

/// Inputs of a step from the world: the time, and one even draw from [0, 1) for the jitter.
struct Moment {
  Clock::TimePoint now;
  double jitter = 0.0;
};

struct Step {
  ShapeState state;
  Action action;
};

[[nodiscard]] Step step(ShapeState state, const ShapeEvent& event, const Moment& moment);

/// The request a state asks for, as values.
struct RequestPlan {
  std::string offset;
  std::string handle;  ///< "" at "-1".
  std::string cursor;
  std::string expired_handle;
  bool live = false;
  bool bust_cache = false;
};
[[nodiscard]] RequestPlan request_of(const ShapeState& state);

/// How a state looks to people.
[[nodiscard]] StreamState stream_state(const ShapeState& state) noexcept;

}  // namespace patchbay::electric
