// The state machine of following a shape: every state × every event, and the rules of its waits.
#include <gtest/gtest.h>

#include <array>
#include <sstream>

#include "electric/shape_state.hpp"

namespace patchbay::electric {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::array kPhases{"idle",   "snapshot", "catching_up", "live",
                             "asking", "waiting",  "stopped"};
constexpr std::array kEvents{"start",        "answered",   "up_to_date", "stale",
                             "must_refetch", "broken_log", "failed",     "refused",
                             "timer",        "ask",        "restart"};
const Moment kNow{Clock::TimePoint(minutes(60)), 0.5};

ShapeState in_phase(Phase phase) {
  ShapeState state;
  state.phase = phase;
  if (phase == Phase::idle || phase == Phase::snapshot) return state;
  state.handle = "h";
  state.offset = "5_0";
  state.cursor = "c";
  return state;
}

ShapeEvent event_of(EventKind kind) {
  ShapeEvent event;
  event.kind = kind;
  event.handle = "h";
  event.offset = "6_0";
  event.cursor = "d";
  event.reason = "why";
  return event;
}

std::string print(const Step& step) {
  std::ostringstream out;
  out << kPhases.at(static_cast<std::size_t>(step.state.phase)) << " @" << step.state.offset;
  switch (step.action.kind) {
    case ActionKind::none:
      out << " none";
      break;
    case ActionKind::request:
      out << " request";
      break;
    case ActionKind::wait:
      out << " wait " << step.action.delay.count();
      break;
    case ActionKind::stop:
      out << " stop";
      break;
  }
  if (step.action.refetch) out << " refetch";
  if (step.state.bust_cache) out << " bust";
  if (!step.state.expired_handle.empty()) out << " expired=" << step.state.expired_handle;
  if (step.state.ask_wanted) out << " ask_wanted";
  return out.str();
}

// Cells left out of the table leave the state as it is and do nothing.
constexpr std::string_view kTable = R"(
idle × start: snapshot @-1 request
idle × ask: idle @-1 none ask_wanted
snapshot × answered: catching_up @6_0 request
snapshot × up_to_date: live @6_0 request
snapshot × stale: snapshot @-1 request bust
snapshot × must_refetch: snapshot @-1 request refetch bust
snapshot × broken_log: waiting @-1 wait 500 refetch bust
snapshot × failed: waiting @-1 wait 500
snapshot × refused: stopped @-1 stop
snapshot × ask: snapshot @-1 none ask_wanted
catching_up × answered: catching_up @6_0 request
catching_up × up_to_date: live @6_0 request
catching_up × stale: catching_up @5_0 request bust
catching_up × must_refetch: snapshot @-1 request refetch bust expired=h
catching_up × broken_log: waiting @-1 wait 500 refetch bust
catching_up × failed: waiting @5_0 wait 500
catching_up × refused: stopped @5_0 stop
catching_up × ask: catching_up @5_0 none ask_wanted
live × answered: catching_up @6_0 request
live × up_to_date: live @6_0 request
live × stale: catching_up @5_0 request bust
live × must_refetch: snapshot @-1 request refetch bust expired=h
live × broken_log: waiting @-1 wait 500 refetch bust
live × failed: waiting @5_0 wait 500
live × refused: stopped @5_0 stop
live × ask: asking @5_0 request
asking × answered: asking @6_0 request
asking × up_to_date: live @6_0 request
asking × stale: catching_up @5_0 request bust
asking × must_refetch: snapshot @-1 request refetch bust expired=h
asking × broken_log: waiting @-1 wait 500 refetch bust
asking × failed: waiting @5_0 wait 500
asking × refused: stopped @5_0 stop
waiting × timer: catching_up @5_0 request
waiting × ask: waiting @5_0 none ask_wanted
waiting × restart: catching_up @5_0 request bust
stopped × restart: catching_up @5_0 request bust
)";

TEST(ShapeState, EveryCellOfTheTable) {
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    for (std::size_t event = 0; event < kEvents.size(); ++event) {
      const ShapeState before = in_phase(static_cast<Phase>(phase));
      const Step after = step(before, event_of(static_cast<EventKind>(event)), kNow);
      const std::string cell =
          std::string("\n") + kPhases.at(phase) + " × " + kEvents.at(event) + ": ";
      const auto at = kTable.find(cell);
      std::string expected = print({before, {}});
      if (at != std::string_view::npos) {
        const auto begin = at + cell.size();
        expected = kTable.substr(begin, kTable.find('\n', begin) - begin);
      }
      EXPECT_EQ(print(after), expected) << "in the cell" << cell;
    }
  }
}

TEST(ShapeState, AskingTakesASecondRequestOnlyWhereTheLsnMoved) {
  ShapeEvent moved = event_of(EventKind::up_to_date);
  moved.lsn_moved = true;
  Step next = step(in_phase(Phase::asking), moved, kNow);
  EXPECT_EQ(print(next), "asking @6_0 request");
  EXPECT_TRUE(request_of(next.state).bust_cache);
  next = step(next.state, moved, kNow);
  EXPECT_EQ(print(next), "live @6_0 request") << "the second one proves, whatever it reports";
}

TEST(ShapeState, AskDuringCatchUpIsAnsweredOnceUpToDate) {
  Step next = step(in_phase(Phase::catching_up), event_of(EventKind::ask), kNow);
  next = step(next.state, event_of(EventKind::up_to_date), kNow);
  EXPECT_EQ(print(next), "asking @6_0 request");
}

TEST(ShapeState, WaitsDoubleUpToTheLongestAndDrawEvenly) {
  ShapeState state = in_phase(Phase::live);
  std::string waits;
  for (int failures = 0; failures < 8; ++failures) {
    Step next = step(state, event_of(EventKind::failed), {kNow.now, 1.0 - 1e-9});
    waits += std::to_string(next.action.delay.count() + 1) + " ";
    state = step(next.state, event_of(EventKind::timer), kNow).state;
    state.spin = {};
  }
  EXPECT_EQ(waits, "1000 2000 4000 8000 16000 32000 32000 32000 ");
  EXPECT_EQ(step(state, event_of(EventKind::failed), {kNow.now, 0.0}).action.delay,
            milliseconds(0));
  state = step(state, event_of(EventKind::up_to_date), kNow).state;
  EXPECT_EQ(step(state, event_of(EventKind::failed), kNow).action.delay, milliseconds(500))
      << "a good answer starts the waits again";
}

TEST(ShapeState, RetryAfterIsTheShortestWaitAndBounded) {
  ShapeEvent failed = event_of(EventKind::failed);
  failed.retry_after = milliseconds(5'000);
  EXPECT_EQ(step(in_phase(Phase::live), failed, kNow).action.delay, milliseconds(5'000));
  failed.retry_after = std::chrono::hours(24);
  EXPECT_EQ(step(in_phase(Phase::live), failed, kNow).action.delay, minutes(5));
}

TEST(ShapeState, StaleAnswersAreIgnoredThreeTimesThenTriedWithoutTheExpiredHandle) {
  ShapeState state = step(in_phase(Phase::live), event_of(EventKind::must_refetch), kNow).state;
  for (int answers = 0; answers < 3; ++answers) {
    const Step next = step(state, event_of(EventKind::stale), kNow);
    EXPECT_EQ(print(next), "snapshot @-1 request bust expired=h");
    state = next.state;
  }
  EXPECT_EQ(print(step(state, event_of(EventKind::stale), kNow)), "snapshot @-1 request bust");
}

TEST(ShapeState, ForeignHandleEndsInARefetch) {
  ShapeState state = in_phase(Phase::live);
  for (int answers = 0; answers < 3; ++answers) {
    state = step(state, event_of(EventKind::stale), kNow).state;
  }
  EXPECT_EQ(print(step(state, event_of(EventKind::stale), kNow)),
            "snapshot @-1 request refetch bust");
}

TEST(ShapeState, FiveRequestsAtOneOffsetInHalfASecondAreTheMost) {
  ShapeState state = in_phase(Phase::catching_up);
  ShapeEvent nothing_new = event_of(EventKind::answered);
  nothing_new.offset = "5_0";
  int requests = 0;
  Step next{state, {ActionKind::request}};
  while (next.action.kind == ActionKind::request && requests < 100) {
    next = step(next.state, nothing_new, {kNow.now + milliseconds(requests * 10), 0.5});
    ++requests;
  }
  EXPECT_EQ(requests, 6) << "five went out, the sixth waits";
  EXPECT_EQ(next.action.kind, ActionKind::wait);
  EXPECT_NE(next.state.reason.find("5_0"), std::string::npos);
  EXPECT_EQ(stream_state(next.state), StreamState::retrying);

  next = step(in_phase(Phase::catching_up), nothing_new, kNow);
  for (int slow = 1; slow < 20; ++slow) {
    next = step(next.state, nothing_new, {kNow.now + milliseconds(slow * 150), 0.5});
    EXPECT_EQ(next.action.kind, ActionKind::request) << "slow repeats are not a spin";
  }
}

TEST(ShapeState, LongPollsThatAreAnsweredImmediatelyDoNotSpinEither) {
  ShapeEvent nothing_new = event_of(EventKind::up_to_date);
  nothing_new.offset = "5_0";
  Step next{in_phase(Phase::live), {ActionKind::request}};
  int requests = 0;
  while (next.action.kind == ActionKind::request && requests < 100) {
    next = step(next.state, nothing_new, kNow);
    ++requests;
  }
  EXPECT_EQ(requests, 6);
}

TEST(ShapeState, BrokenLogIsRefetchedAFewTimesThenReported) {
  ShapeState state = in_phase(Phase::live);
  for (int times = 0; times < 3; ++times) {
    Step next = step(state, event_of(EventKind::broken_log), kNow);
    EXPECT_EQ(next.action.kind, ActionKind::wait);
    state = step(next.state, event_of(EventKind::timer), kNow).state;
    state = step(state, event_of(EventKind::answered), kNow).state;
    state.spin = {};
  }
  EXPECT_EQ(print(step(state, event_of(EventKind::broken_log), kNow)),
            "stopped @-1 stop refetch bust");
  EXPECT_EQ(step(state, event_of(EventKind::broken_log), {kNow.now + minutes(10), 0.5}).action.kind,
            ActionKind::wait)
      << "what is long ago does not count";
}

TEST(ShapeState, LooksToPeopleAsItIs) {
  ShapeState state = in_phase(Phase::catching_up);
  EXPECT_EQ(stream_state(state), StreamState::connecting);
  state = step(state, event_of(EventKind::up_to_date), kNow).state;
  EXPECT_EQ(stream_state(state), StreamState::live);
  state = step(state, event_of(EventKind::answered), kNow).state;
  EXPECT_EQ(stream_state(state), StreamState::live) << "a chunk is not a disconnect";
  state = step(state, event_of(EventKind::failed), kNow).state;
  EXPECT_EQ(stream_state(state), StreamState::retrying);
  state = step(state, event_of(EventKind::timer), kNow).state;
  EXPECT_EQ(stream_state(state), StreamState::retrying) << "until an answer is good";
  state = step(state, event_of(EventKind::refused), kNow).state;
  EXPECT_EQ(stream_state(state), StreamState::stopped);
}

}  // namespace
}  // namespace patchbay::electric
