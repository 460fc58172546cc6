// WriteSubmission alone: a new write, the repeat of a known one, one of an earlier run, and what is
// refused.
#include "runtime/write_submission.hpp"

#include <patchbay/plugin.hpp>

#include "core/submission_parts.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class WriteSubmissionTest : public SubmissionParts {
 protected:
  static WriteRequest inserts(const WriteId& id, const std::string& title) {
    return {id, {{OperationKind::insert, "items", {}, {{"id", "1"}, {"title", title}}}}};
  }
  void submit(const std::string& name, std::uint32_t number, const std::string& title = "milk") {
    submission_.submit(inserts(write_id(number), title), told(name));
  }
  /// Lets the pattern keep writes without accepting them.
  void accept_nothing() {
    pattern_->at_write = [](const Write&, Effects&) { return Result<void>(); };
  }
  /// Lets the pattern send writes that are given up after a second, without accepting them.
  void accept_nothing_and_send_for_a_second() {
    pattern_->at_write = [](const Write& write, Effects& effects) -> Result<void> {
      effects.send(write, {.give_up_after = 1'000ms});
      return {};
    };
  }
  void lose() {
    gateway_.answer({Unknown{"lost", 4min, false, false, true}});
    executor_.run_all();
  }
  /// A write whose deadline has passed, as the queue says it.
  LedgerEntry& add_given_up(std::uint32_t number, const Rejection& why = {}) {
    LedgerEntry& entry = book_.ledger().add({write_id(number), 0, {insert_item("1", "milk")}});
    book_.ledger().send(entry);
    entry.give_up_after = 1'000ms;
    book_.reject(entry, why);
    return entry;
  }
};

TEST_F(WriteSubmissionTest, HandsANewWriteToThePattern) {
  submit("call", 1);
  EXPECT_EQ(answers(), "call: accepted");
  EXPECT_EQ(sent(), "1");
  EXPECT_EQ(book_.find(write_id(1))->write.sequence, 1U);
}

TEST_F(WriteSubmissionTest, AnswersOnceThePatternHasAcceptedTheWrite) {
  accept_nothing();
  submit("call", 1);
  EXPECT_EQ(events_.take(), "write 1 submitted");
  EXPECT_EQ(answers(), "");
  book_.accept(*book_.find(write_id(1)));
  EXPECT_EQ(answers(), "call: accepted");
}

TEST_F(WriteSubmissionTest, GivesAnIdToAWriteThatHasNone) {
  submission_.submit(inserts({}, "milk"), told("first"));
  const WriteId first = last_.id;
  submission_.submit(inserts({}, "milk"), told("second"));
  EXPECT_EQ(answers(), "first: accepted; second: accepted");
  EXPECT_FALSE(first.is_nil());
  EXPECT_NE(last_.id, first);
}

TEST_F(WriteSubmissionTest, TellsReadersOfRowsThatHaveAMarkNow) {
  pattern_->at_read = [](const Query&, RowSink& sink) -> Result<void> {
    sink.row(item("1", "milk"));
    return {};
  };
  submit("call", 1);
  EXPECT_EQ(events_.take(), "write 1 accepted, row 1:milk*");
}

TEST_F(WriteSubmissionTest, RefusesARequestThatIsWrong) {
  submission_.submit({write_id(1), {}}, told("no operations"));
  EXPECT_EQ(why_, "The write has no operations; give at least one.");
  WriteRequest other = inserts(write_id(1), "milk");
  other.operations[0].table = "notes";
  submission_.submit(other, told("another table"));
  WriteRequest misspelt = inserts(write_id(1), "milk");
  misspelt.operations[0].set.emplace_back("titel", "milk");
  submission_.submit(misspelt, told("no column"));
  EXPECT_EQ(answers(), "no operations: rejected; another table: rejected; no column: rejected");
  EXPECT_EQ(book_.find(write_id(1)), nullptr);
  EXPECT_EQ(events_.take(), "");
}

TEST_F(WriteSubmissionTest, TellsTheCallerToComeBackWhileNothingCanBeWritten) {
  loop_.fail("broken");
  submit("failed", 1);
  EXPECT_EQ(why_, "The pattern \"test\" is not running: broken");
  slot_.host->forget_start();
  submit("no rows", 1);
  EXPECT_EQ(answers(), "failed: retry; no rows: retry");
  EXPECT_EQ(book_.find(write_id(1)), nullptr);
}

TEST_F(WriteSubmissionTest, RefusesMoreThanItsUnfinishedWrites) {
  WriteSubmission two{{slot_, loop_, book_, sender_, reader_, past_, 2}};
  two.submit(inserts(write_id(1), "milk"), told("first"));
  two.submit(inserts(write_id(2), "milk"), told("second"));
  two.submit(inserts(write_id(3), "milk"), told("third"));
  EXPECT_EQ(why_,
            "Too many writes of the pattern \"test\" are unfinished; wait until some are "
            "done.");
  book_.confirm(write_id(1));
  two.submit(inserts(write_id(3), "milk"), told("again"));
  EXPECT_EQ(answers(), "first: accepted; second: accepted; third: retry; again: accepted");
}

TEST_F(WriteSubmissionTest, ForgetsAWriteThatThePatternDoesNotTake) {
  pattern_->at_write = refuses(ErrorCode::rejected);
  submit("refused", 1);
  EXPECT_EQ(why_, "No.");
  EXPECT_TRUE(loop_.is_running());
  pattern_->at_write = refuses(ErrorCode::corrupt);
  submit("damaged", 1);
  EXPECT_EQ(answers(), "refused: rejected; damaged: corrupt");
  EXPECT_TRUE(loop_.has_failed());
  EXPECT_EQ(book_.find(write_id(1)), nullptr);
  EXPECT_EQ(events_.take(), "");
}

// --- a write that is known

TEST_F(WriteSubmissionTest, AnswersForAnAcceptedWriteWithoutThePattern) {
  submit("first", 1);
  pattern_->at_write = refuses(ErrorCode::corrupt);
  submit("second", 1);
  submit("other", 1, "tea");
  EXPECT_EQ(answers(), "first: accepted; second: accepted; other: other, accepted");
}

TEST_F(WriteSubmissionTest, JoinsTheCallersOfAWriteThatIsNotAccepted) {
  accept_nothing();
  submit("first", 1);
  submit("second", 1);
  EXPECT_EQ(answers(), "");
  book_.accept(*book_.find(write_id(1)));
  EXPECT_EQ(answers(), "first: accepted; second: accepted");
}

TEST_F(WriteSubmissionTest, WaitsForAJoinedCallAsLongAsForTheFirst) {
  accept_nothing_and_send_for_a_second();
  submit("first", 1);
  EXPECT_EQ(sent(), "1");
  lose();
  pass(600ms);
  submit("second", 1);
  pass(999ms);
  EXPECT_EQ(sent(), "") << "the second call still waits";
  pass(1ms);
  EXPECT_EQ(sent(), "void 1");
}

TEST_F(WriteSubmissionTest, JoinsNobodyToAPatternThatHasFailed) {
  accept_nothing();
  submit("first", 1);
  loop_.fail("broken");
  submit("second", 1);
  EXPECT_EQ(answers(), "second: cancelled");
  book_.ledger().send(*book_.find(write_id(1)));
  submit("third", 1);
  EXPECT_EQ(answers(), "third: in_doubt") << "it was sent, and may be applied";
}

TEST_F(WriteSubmissionTest, StartsAWriteAgainThatWasGivenUpBeforeItLeft) {
  add_given_up(1);
  submit("again", 1);
  EXPECT_EQ(answers(), "again: accepted");
  EXPECT_EQ(sent(), "1");
}

TEST_F(WriteSubmissionTest, AnswersForAWriteThatWasRefusedOrIsKept) {
  Rejection by_server;
  by_server.status = 409;
  add_given_up(1, by_server);
  submit("by the server", 1);
  Rejection with_another;
  with_another.because_of = write_id(1);
  add_given_up(2, with_another);
  submit("with another", 2);
  add_given_up(3).give_up_after.reset();
  submit("by the pattern", 3);
  slot_.module.traits = kTraitDurable;
  add_given_up(4);
  submit("kept in a store", 4);
  EXPECT_EQ(answers(),
            "by the server: rejected; with another: rejected; by the pattern: rejected; "
            "kept in a store: rejected");
  EXPECT_EQ(sent(), "");
}

// --- a write that may be of an earlier run, of a pattern that shows writes immediately

class MaybeRepeated : public WriteSubmissionTest {
 protected:
  MaybeRepeated() { slot_.module.traits = kTraitOptimistic; }
};

TEST_F(MaybeRepeated, IsAnsweredByWhatTheBackendHasRecorded) {
  gateway_.recorded[write_id(1)] = Acknowledgement{700, 5'000, "s1"};
  submit("repeat", 1);
  submit("new", 2);
  EXPECT_EQ(answers(), "repeat: confirmed; new: accepted");
  EXPECT_EQ(gateway_.asked, "1 2");
  EXPECT_EQ(sent(), "2");
}

TEST_F(MaybeRepeated, IsAnsweredByTheStoreFirst) {
  auto* memory = new RememberingPattern();
  memory->ends[write_id(1)] = {};
  run_pattern(memory);
  submit("remembered", 1);
  submit("complete memory", 2);
  EXPECT_EQ(answers(), "remembered: confirmed; complete memory: accepted");
  memory->is_busy = true;
  submit("busy", 3);
  EXPECT_EQ(answers(), "busy: retry");
  EXPECT_EQ(gateway_.asked, "");
}

TEST_F(MaybeRepeated, IsTakenForNewWhileTheBackendCannotBeAsked) {
  gateway_.recorded[write_id(1)] = Unknown{"down.", {}, true, false, false};
  submit("no answer", 1);
  EXPECT_EQ(answers(), "no answer: accepted");
  sender_.note_status({1, QueueState::retrying, "down."});
  submit("not asked", 2);
  EXPECT_EQ(answers(), "not asked: accepted");
  EXPECT_EQ(gateway_.asked, "1");
}

TEST_F(MaybeRepeated, IsCancelledWhenTheHostEndsMeanwhile) {
  gateway_.holds_outcomes = true;
  submit("call", 1);
  EXPECT_EQ(answers(), "");
  lookup_.close();
  EXPECT_EQ(answers(), "call: cancelled");
  EXPECT_EQ(book_.find(write_id(1)), nullptr);
}

TEST_F(MaybeRepeated, IsNotAskedForWhereThePatternShowsNothingBeforeTheServer) {
  slot_.module.traits = 0;
  submit("call", 1);
  EXPECT_EQ(answers(), "call: accepted");
  EXPECT_EQ(gateway_.asked, "");
}

}  // namespace
}  // namespace patchbay::test
