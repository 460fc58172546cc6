// A write_id that is known: its repeat says what is true, joins the callers that wait, and is
// refused with other operations.
#include <gtest/gtest.h>

#include <patchbay/kit/write_digest.hpp>
#include <patchbay/plugin.hpp>

#include "online/online_pattern.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "runtime/tuning.hpp"
#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"
#include "write/make_write_id.hpp"
#include "write/tuning.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using std::chrono::milliseconds;

class RepeatedWrite : public testing::Test {
 protected:
  explicit RepeatedWrite(std::unique_ptr<Pattern> pattern, std::uint32_t traits = 0)
      : owned_(pattern.get()),
        bench_(std::move(pattern), {{"retry_deadline_ms", "10000"}}, {"items"},
               {"", "", "", "", traits}) {
    bench_.reset({item("1", "milk")});
  }

  /// Answers come to answers(), as print_answer says, in their order.
  void call(const std::string& name, std::uint32_t number, const std::string& title) {
    call(name, sim::write_id(number), title);
  }
  void call(const std::string& name, const WriteId& id, const std::string& title) {
    WriteRequest request{id, {{update, "items", {{"id", "1"}}, {{"title", title}}}}};
    bench_.runner.submit(request, printed(name));
    bench_.run();
  }
  void ask(const std::string& name, const WriteId& id) {
    bench_.runner.write_status(id, printed(name));
    bench_.run();
  }
  std::function<void(const Result<WriteStatus>&)> printed(const std::string& name) {
    return [this, name](const Result<WriteStatus>& status) {
      answers_ += (answers_.empty() ? "" : "; ") + name + ": " + print_answer(status);
    };
  }
  [[nodiscard]] std::string answers() { return std::exchange(answers_, {}); }
  void lose() {
    bench_.gateway.answer({Unknown{"lost", std::chrono::minutes(4), false, false, true}});
    bench_.run();
  }
  void never_leave() {
    bench_.gateway.answer({Unknown{"refused", {}, true, false, false}});
    bench_.run();
  }

  Pattern* owned_;
  RunnerBench bench_;
  std::string answers_;
};

class RepeatedOnlineWrite : public RepeatedWrite {
 protected:
  RepeatedOnlineWrite() : RepeatedWrite(std::make_unique<online::OnlinePattern>()) {}
};

class RepeatedOptimisticWrite : public RepeatedWrite {
 protected:
  RepeatedOptimisticWrite()
      : RepeatedWrite(std::make_unique<optimistic::OptimisticPattern>(), kTraitOptimistic) {}
};

TEST_F(RepeatedOnlineWrite, JoinsTheCallThatWaitsWhateverItsState) {
  call("first", 1, "oat");
  call("second", 1, "oat");
  EXPECT_EQ(answers(), "") << "it is being sent: the server has committed nothing";
  lose();
  call("third", 1, "oat");
  EXPECT_EQ(answers(), "");
  bench_.pass(milliseconds(9'999));
  bench_.runner.network_restored();
  bench_.run();
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(answers(), "first: acknowledged; second: acknowledged; third: acknowledged");
  EXPECT_EQ(bench_.gateway.take(), "1 1") << "repeated after the loss, for all of them together";
}

TEST_F(RepeatedOnlineWrite, KeepsEachCallsOwnDeadlineAndVoidsAtTheLatest) {
  call("first", 1, "oat");
  bench_.pass(milliseconds(4'000));
  call("second", 1, "oat");
  lose();
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.pass(milliseconds(6'000));
  EXPECT_EQ(answers(), "first: in_doubt");
  EXPECT_EQ(bench_.gateway.take(), "") << "no void while somebody waits for it";
  bench_.pass(milliseconds(3'999));
  EXPECT_EQ(answers(), "");
  bench_.pass(milliseconds(1));
  EXPECT_EQ(answers(), "second: in_doubt");
  EXPECT_EQ(bench_.gateway.take(), "void 1");
}

TEST_F(RepeatedOnlineWrite, WaitsForTheVoidOfAWriteThatWasGivenUp) {
  call("first", 1, "oat");
  lose();
  bench_.pass(milliseconds(10'000));
  EXPECT_EQ(answers(), "first: in_doubt");
  call("second", 1, "oat");
  EXPECT_EQ(answers(), "") << "nobody knows whether it was committed";
  bench_.pass(milliseconds(10'000));
  EXPECT_EQ(answers(), "second: in_doubt") << "its own deadline";
  call("third", 1, "oat");
  bench_.refuse("voided");
  EXPECT_EQ(answers(), "third: rejected");
  call("fourth", 1, "oat");
  EXPECT_EQ(answers(), "fourth: rejected");
}

TEST_F(RepeatedOnlineWrite, IsAnsweredByTheAcknowledgementThatTheVoidFinds) {
  call("first", 1, "oat");
  lose();
  bench_.pass(milliseconds(10'000));
  call("second", 1, "oat");
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(answers(), "first: in_doubt; second: acknowledged");
}

TEST_F(RepeatedOnlineWrite, StartsAgainWhereNothingEverLeftTheDevice) {
  call("first", 1, "oat");
  while (answers_.empty()) {
    never_leave();
    bench_.pass(*bench_.clock.next_in());
  }
  EXPECT_EQ(answers(), "first: rejected");
  EXPECT_EQ(bench_.events.last.writes_rejected, 1U);
  static_cast<void>(bench_.gateway.take());
  call("second", 1, "oat");
  bench_.runner.network_restored();
  bench_.run();
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(answers(), "second: acknowledged");
  EXPECT_EQ(bench_.events.last.writes_rejected, 0U);
}

TEST_F(RepeatedOnlineWrite, AnswersItsEnd) {
  call("first", 1, "oat");
  bench_.acknowledge(700, 5'000);
  bench_.change({{item("1", "oat"), false}}, {{700}, {}, {}, 0});
  call("second", 1, "oat");
  EXPECT_EQ(answers(), "first: acknowledged; second: confirmed");
}

TEST_F(RepeatedOptimisticWrite, LaysNoOldValueOverANewerRow) {
  call("first", 1, "oat");
  bench_.acknowledge(700, 5'000);
  bench_.change({{item("1", "oat"), false}}, {{700}, {}, {}, 0});
  bench_.change({{item("1", "soy"), false}}, {{701}, {}, {}, 0});
  static_cast<void>(bench_.gateway.take());
  call("second", 1, "oat");
  EXPECT_EQ(answers(), "first: accepted; second: confirmed");
  EXPECT_EQ(bench_.view(), "1:soy");
  EXPECT_EQ(bench_.gateway.take(), "");
}

TEST_F(RepeatedOptimisticWrite, IsRefusedWithOtherOperationsInEveryState) {
  call("first", 1, "oat");
  call("sending", 1, "rye");
  bench_.acknowledge(700, 5'000);
  call("acknowledged", 1, "rye");
  bench_.change({{item("1", "oat"), false}}, {{700}, {}, {}, 0});
  call("confirmed", 1, "rye");
  call("again", 1, "oat");
  EXPECT_EQ(answers(),
            "first: accepted; sending: other, sending; acknowledged: other, acknowledged; "
            "confirmed: other, confirmed; again: confirmed");
  call("first", 2, "bad");
  bench_.refuse("too bad");
  call("rejected", 2, "rye");
  call("again", 2, "bad");
  bench_.runner.discard(sim::write_id(2), [](const auto&) {});
  bench_.run();
  call("discarded", 2, "rye");
  call("again", 2, "bad");
  EXPECT_EQ(answers(),
            "first: accepted; rejected: other, rejected; again: rejected; "
            "discarded: other, discarded; again: discarded");
  EXPECT_EQ(bench_.view(), "1:oat");
}

Rejection refusal(int status) {
  Rejection refusal;
  refusal.status = status;
  refusal.message = "no";
  return refusal;
}

TEST_F(RepeatedOptimisticWrite, OfAnEarlierRunIsAskedOfTheBackendAndShowsNothing) {
  bench_.gateway.recorded[sim::write_id(1)] = Acknowledgement{700, 5'000, "s1"};
  bench_.gateway.recorded[sim::write_id(2)] = refusal(409);
  call("applied", 1, "old");
  call("refused", 2, "old");
  ask("applied", sim::write_id(1));
  ask("refused", sim::write_id(2));
  ask("unknown", sim::write_id(3));
  EXPECT_EQ(answers(),
            "applied: confirmed; refused: rejected; applied: confirmed; refused: rejected; "
            "unknown: rejected");
  EXPECT_EQ(bench_.view(), "1:milk");
  EXPECT_EQ(bench_.gateway.take(), "");
  call("new", 4, "oat");
  EXPECT_EQ(answers(), "new: accepted");
  EXPECT_EQ(bench_.gateway.asked, "1 2 1 2 3 4");
}

TEST_F(RepeatedOptimisticWrite, IsNotAskedForWhereItsIdWasMadeInThisRun) {
  bench_.pass(std::chrono::minutes(1));
  const auto now = bench_.clock.wall_now();
  call("new", make_write_id(now), "oat");
  call("of the first moment", make_write_id(now - std::chrono::minutes(1)), "oat");
  EXPECT_EQ(bench_.gateway.asked, "");
  ask("never seen", make_write_id(now));
  EXPECT_EQ(bench_.gateway.asked, "");
  EXPECT_EQ(answers(), "new: accepted; of the first moment: accepted; never seen: rejected");
  call("before it", make_write_id(now - std::chrono::milliseconds(60'001)), "oat");
  call("of a clock ahead", make_write_id(now + std::chrono::hours(1)), "oat");
  EXPECT_NE(bench_.gateway.asked.find(' '), std::string::npos) << "both";
}

TEST_F(RepeatedOptimisticWrite, IsTakenAsNewWhileTheBackendCannotBeAsked) {
  bench_.gateway.recorded[sim::write_id(1)] = Unknown{"Down.", {}, true, false, false};
  call("fails", 1, "oat");
  EXPECT_EQ(answers(), "fails: accepted");
  never_leave();
  call("known to be away", 2, "rye");
  EXPECT_EQ(answers(), "known to be away: accepted");
  EXPECT_EQ(bench_.gateway.asked, "1");
  bench_.gateway.recorded[sim::write_id(3)] = Unknown{"Down.", {}, true, false, false};
  ask("state", sim::write_id(3));
  EXPECT_EQ(answers(), "state: retry") << "nobody can say that there is no such write";
}

TEST_F(RepeatedOptimisticWrite, WaitsForTheBackendsWordNoLongerThanItsBound) {
  bench_.gateway.holds_outcomes = true;
  call("first", 1, "oat");
  call("second", 1, "oat");
  EXPECT_EQ(answers(), "");
  bench_.pass(tuning::kOutcomeLookupMax);
  EXPECT_EQ(answers(), "first: accepted; second: sending");
  EXPECT_EQ(bench_.gateway.take(), "1") << "one write";
  for (const auto& answer : bench_.gateway.held_outcomes) answer({refusal(409)}, 0);
  bench_.run();
  EXPECT_EQ(answers(), "") << "once";
}

TEST_F(RepeatedOptimisticWrite, IsAcceptedInTheOrderOfTheCallsWhicheverAnswerComesFirst) {
  bench_.gateway.holds_outcomes = true;
  call("first", 1, "oat");
  call("second", 2, "rye");
  call("third", 3, "soy");
  const auto& held = bench_.gateway.held_outcomes;
  held[1]({}, 0);
  bench_.run();
  EXPECT_EQ(answers(), "") << "the first is to be accepted before it";
  held[0]({}, 0);
  bench_.run();
  EXPECT_EQ(answers(), "first: accepted; second: accepted");
  bench_.pass(tuning::kOutcomeLookupMax);
  EXPECT_EQ(answers(), "third: accepted");
  EXPECT_EQ(bench_.view(), "1:soy*") << "the last one counts";
}

TEST_F(RepeatedOptimisticWrite, IsAskedForOnceItsEndIsForgotten) {
  const auto made = bench_.clock.wall_now() + milliseconds(1);
  bench_.pass(milliseconds(10));
  const WriteId first = make_write_id(made);
  for (std::size_t number = 0; number <= tuning::kFinalWritesKept; ++number) {
    call("", number == 0 ? first : make_write_id(bench_.clock.wall_now()), "oat");
    bench_.acknowledge(700 + number, 5'000);
    bench_.change({}, {{static_cast<std::uint32_t>(700 + number)}, {}, {}, 0});
  }
  EXPECT_EQ(bench_.gateway.asked, "");
  static_cast<void>(answers());
  bench_.gateway.recorded[first] = Acknowledgement{700, 5'000, "s1"};
  call("forgotten", first, "oat");
  EXPECT_EQ(answers(), "forgotten: confirmed");
}

TEST_F(RepeatedOptimisticWrite, AnswersThoseThatAskWhenTheHostEnds) {
  bench_.gateway.holds_outcomes = true;
  call("write", 1, "oat");
  ask("state", sim::write_id(2));
  bench_.runner.stop();
  bench_.run();
  EXPECT_EQ(answers(), "write: cancelled; state: cancelled");
}

TEST_F(RepeatedOnlineWrite, OfAnEarlierRunIsAskedOfTheServerByBeingSent) {
  call("first", 1, "oat");
  EXPECT_EQ(bench_.gateway.asked, "") << "it shows nothing, and the backend applies it once";
  bench_.gateway.recorded[sim::write_id(2)] = Acknowledgement{700, 5'000, "s1"};
  ask("state", sim::write_id(2));
  EXPECT_EQ(answers(), "state: confirmed");
}

class RepeatedDurableWrite : public RepeatedWrite {
 protected:
  RepeatedDurableWrite()
      : RepeatedWrite(std::make_unique<RememberingPattern>(), kTraitDurable | kTraitOptimistic),
        pattern_(static_cast<RememberingPattern*>(owned_)) {
    const std::vector<Operation> oat{update_item("1", "oat")};
    pattern_->ends[sim::write_id(1)] = {false, digest_of(oat)};
    pattern_->ends[sim::write_id(2)] = {true, digest_of(oat)};
    pattern_->ends[sim::write_id(3)] = {false, 0};
  }
  RememberingPattern* pattern_;
};

TEST_F(RepeatedDurableWrite, IsAnsweredFromTheStoreWithoutTheBackend) {
  call("confirmed", 1, "oat");
  call("discarded", 2, "oat");
  call("other", 1, "rye");
  call("not compared", 3, "rye");
  ask("confirmed", sim::write_id(1));
  ask("discarded", sim::write_id(2));
  EXPECT_EQ(answers(),
            "confirmed: confirmed; discarded: discarded; other: other, confirmed; "
            "not compared: confirmed; confirmed: confirmed; discarded: discarded");
  EXPECT_EQ(bench_.gateway.asked, "");
  EXPECT_EQ(bench_.gateway.take(), "") << "and nothing was written";
}

TEST_F(RepeatedDurableWrite, IsAskedOfTheBackendWhereTheStoreHasForgotten) {
  const auto started = bench_.clock.wall_now();
  const WriteId old = make_write_id(started - std::chrono::hours(2));
  const WriteId older = make_write_id(started - std::chrono::hours(4));
  pattern_->since_ms =
      std::chrono::duration_cast<milliseconds>((started - std::chrono::hours(3)).time_since_epoch())
          .count();
  bench_.gateway.recorded[older] = Acknowledgement{700, 5'000, "s1"};
  ask("old", old);
  call("old", old, "oat");
  EXPECT_EQ(bench_.gateway.asked, "") << "the store would know it";
  ask("older", older);
  call("older", older, "oat");
  EXPECT_EQ(answers(), "old: rejected; old: accepted; older: confirmed; older: confirmed");
}

TEST_F(RepeatedDurableWrite, IsSentAgainLaterWhereTheStoreCannotBeRead) {
  pattern_->is_busy = true;
  call("write", 1, "oat");
  ask("state", sim::write_id(1));
  EXPECT_EQ(answers(), "write: retry; state: retry");
  EXPECT_EQ(bench_.gateway.take(), "");
}

TEST(RepeatedWriteOfAFailedPattern, DoesNotWaitForOneThatTakesNoMoreCalls) {
  auto owned = std::make_unique<ScriptedPattern>();
  ScriptedPattern* pattern = owned.get();
  RunnerBench bench(std::move(owned));
  bench.reset({});
  pattern->at_write = [](const Write& write, Effects& effects) -> Result<void> {
    if (write.id == sim::write_id(1)) effects.send(write, {});
    return {};
  };
  bench.submit(1, insert, "1", "milk");
  bench.submit(2, insert, "2", "eggs");
  pattern->at_batch = [](Effects&) -> Result<void> {
    return failure(ErrorCode::corrupt, "The store is damaged.");
  };
  bench.change({{item("3", "tea"), false}});
  bench.answers.clear();
  bench.submit(1, insert, "1", "milk");
  bench.submit(2, insert, "2", "eggs");
  EXPECT_EQ(bench.answers[1], "in_doubt");
  EXPECT_EQ(bench.answers[2], "cancelled");
}

}  // namespace
}  // namespace patchbay::test
