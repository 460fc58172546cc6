#include "electric/shape_state.hpp"

#include <algorithm>
#include <utility>

#include "electric/tuning.hpp"
#include "net/backoff.hpp"

namespace patchbay::electric {
namespace {

using std::chrono::milliseconds;

bool in_flight(Phase phase) {
  return phase == Phase::snapshot || phase == Phase::catching_up || phase == Phase::live ||
         phase == Phase::asking;
}

milliseconds backoff(std::uint32_t failures, double jitter) {
  const milliseconds longest = net::backoff_step(
      failures > 0 ? failures - 1 : 0, tuning::kShapeRetryDelayFirst, tuning::kShapeRetryDelayMax);
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(longest.count()) * jitter));
}

Step wait(ShapeState state, milliseconds delay, bool refetch = false) {
  state.phase = Phase::waiting;
  state.proving = false;
  return {std::move(state), {ActionKind::wait, delay, refetch}};
}

Step wait_after_failure(ShapeState state, const ShapeEvent& event, const Moment& moment) {
  ++state.attempt;
  state.reason = event.reason;
  const milliseconds delay =
      net::at_least(backoff(state.attempt, moment.jitter), event.retry_after);
  return wait(std::move(state), delay);
}

Step stop(ShapeState state, std::string reason, bool refetch = false) {
  state.phase = Phase::stopped;
  state.proving = false;
  ++state.attempt;
  state.reason = std::move(reason);
  return {std::move(state), {ActionKind::stop, milliseconds(0), refetch}};
}

/// Counts the request that is about to be sent; true when too many alike went out too fast. Long
/// polls count too: a cache that answers them immediately would keep both ends busy for nothing.
bool spins(SpinGuard& guard, const std::string& offset, const Moment& moment) {
  if (guard.requests == 0 || guard.offset != offset ||
      moment.now - guard.since >= tuning::kSpinWindow) {
    guard = {offset, 1, moment.now};
    return false;
  }
  return ++guard.requests > tuning::kSpinRequestsMax;
}

Step request(ShapeState state, const Moment& moment, bool refetch = false) {
  if (!spins(state.spin, state.offset, moment)) {
    return {std::move(state), {ActionKind::request, milliseconds(0), refetch}};
  }
  state.spin = {};
  ++state.attempt;
  state.reason = "The server, or a cache before it, keeps answering the offset " + state.offset +
                 " without moving on; check what stands between here and the shape endpoint.";
  const milliseconds delay = backoff(state.attempt, moment.jitter);
  return wait(std::move(state), delay, refetch);
}

/// Continues from where the state stands, after a wait or a stop.
Step resume(ShapeState state, const Moment& moment) {
  state.phase = state.offset == "-1" ? Phase::snapshot : Phase::catching_up;
  return request(std::move(state), moment);
}

void drop_position(ShapeState& state) {
  state.handle.clear();
  state.cursor.clear();
  state.offset = "-1";
  state.caught_up = false;
  state.proving = false;
  state.bust_cache = true;
  state.stale_answers = 0;
}

Step refetch(ShapeState state, const Moment& moment) {
  if (!state.handle.empty()) state.expired_handle = state.handle;
  drop_position(state);
  state.phase = Phase::snapshot;
  return request(std::move(state), moment, true);
}

/// The server's own log is wrong, so its handle is not expired: the same one may come back.
Step refetch_broken(ShapeState state, const ShapeEvent& event, const Moment& moment) {
  if (moment.now - state.broken_at >= tuning::kBrokenLogMemory) state.broken_logs = 0;
  ++state.broken_logs;
  state.broken_at = moment.now;
  ++state.attempt;
  drop_position(state);
  if (state.broken_logs > tuning::kBrokenLogRefetchesMax) {
    return stop(std::move(state), event.reason, true);
  }
  state.reason = event.reason;
  const milliseconds delay = backoff(state.broken_logs, moment.jitter);
  return wait(std::move(state), delay, true);
}

Step ignore_stale(ShapeState state, const Moment& moment) {
  state.bust_cache = true;
  if (++state.stale_answers <= tuning::kStaleAnswersMax) {
    if (state.phase != Phase::snapshot) state.phase = Phase::catching_up;
    return request(std::move(state), moment);
  }
  const bool at_start = state.phase == Phase::snapshot;
  state.expired_handle.clear();
  drop_position(state);
  state.phase = Phase::snapshot;
  return request(std::move(state), moment, !at_start);
}

void accept(ShapeState& state, const ShapeEvent& event) {
  const bool moved = state.offset != event.offset || state.handle != event.handle;
  state.handle = event.handle;
  state.offset = event.offset;
  state.expired_handle.clear();
  state.bust_cache = false;
  state.stale_answers = 0;
  if (!moved && event.kind == EventKind::answered) return;
  state.attempt = 0;
  state.reason.clear();
}

Step take_answer(ShapeState state, const ShapeEvent& event, const Moment& moment) {
  accept(state, event);
  if (state.phase != Phase::asking) state.phase = Phase::catching_up;
  return request(std::move(state), moment);
}

Step take_up_to_date(ShapeState state, const ShapeEvent& event, const Moment& moment) {
  accept(state, event);
  state.cursor = event.cursor.empty() ? state.cursor : event.cursor;
  state.caught_up = true;
  if (state.phase == Phase::asking) {
    state.proving = !state.proving && event.lsn_moved;
    state.phase = state.proving ? Phase::asking : Phase::live;
  } else {
    state.phase = state.ask_wanted ? Phase::asking : Phase::live;
  }
  state.ask_wanted = false;
  return request(std::move(state), moment);
}

Step ask(ShapeState state, const Moment& moment) {
  if (state.phase == Phase::live) {
    state.phase = Phase::asking;
    state.spin = {};  // asked for by someone who has a pace of their own
    return request(std::move(state), moment);
  }
  state.ask_wanted = state.phase != Phase::asking && state.phase != Phase::stopped;
  return {std::move(state), {}};
}

Step restart(ShapeState state, const Moment& moment) {
  if (state.phase != Phase::stopped && state.phase != Phase::waiting) return {std::move(state), {}};
  state.broken_logs = 0;
  state.bust_cache = true;
  return resume(std::move(state), moment);
}

Step on_answer(ShapeState state, const ShapeEvent& event, const Moment& moment) {
  switch (event.kind) {
    case EventKind::answered:
      return take_answer(std::move(state), event, moment);
    case EventKind::up_to_date:
      return take_up_to_date(std::move(state), event, moment);
    case EventKind::stale:
      return ignore_stale(std::move(state), moment);
    case EventKind::must_refetch:
      return refetch(std::move(state), moment);
    case EventKind::broken_log:
      return refetch_broken(std::move(state), event, moment);
    case EventKind::failed:
      return wait_after_failure(std::move(state), event, moment);
    case EventKind::refused:
      return stop(std::move(state), event.reason);
    default:
      return {std::move(state), {}};
  }
}

}  // namespace

Step step(ShapeState state, const ShapeEvent& event, const Moment& moment) {
  const Phase phase = state.phase;
  switch (event.kind) {
    case EventKind::start:
      if (phase == Phase::idle) return resume(std::move(state), moment);
      break;
    case EventKind::timer:
      if (phase == Phase::waiting) return resume(std::move(state), moment);
      break;
    case EventKind::ask:
      return ask(std::move(state), moment);
    case EventKind::restart:
      return restart(std::move(state), moment);
    default:
      if (in_flight(phase)) return on_answer(std::move(state), event, moment);
  }
  return {std::move(state), {}};
}

RequestPlan request_of(const ShapeState& state) {
  RequestPlan plan;
  plan.offset = state.offset;
  plan.bust_cache = state.bust_cache || state.phase == Phase::asking;
  if (state.offset == "-1") {
    plan.expired_handle = state.expired_handle;
    return plan;
  }
  plan.handle = state.handle;
  plan.live = state.phase == Phase::live;
  if (plan.live) plan.cursor = state.cursor;
  return plan;
}

StreamState stream_state(const ShapeState& state) noexcept {
  if (state.phase == Phase::stopped) return StreamState::stopped;
  if (state.attempt > 0) return StreamState::retrying;
  return state.caught_up ? StreamState::live : StreamState::connecting;
}

}  // namespace patchbay::electric
