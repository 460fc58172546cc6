// The book alone: what callers and readers hear of each write, and what a successor takes over.
#include "runtime/write_book.hpp"

#include <gtest/gtest.h>

#include "sim/manual_clock.hpp"
#include "support/fake_host.hpp"
#include "support/runner_fakes.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

/// Two tables are followed; a write to "notes" is not seen in any stream.
class WriteBookTest : public testing::Test {
 protected:
  LedgerEntry& add(std::uint32_t number, std::vector<Operation> operations) {
    LedgerEntry& entry = book_.ledger().add({write_id(number), 0, std::move(operations)});
    wait_for(entry);
    return entry;
  }
  LedgerEntry& add(std::uint32_t number) {
    return add(number, {insert_item(std::to_string(number), "milk")});
  }
  LedgerEntry& add_sent(std::uint32_t number) {
    LedgerEntry& entry = add(number);
    book_.ledger().send(entry);
    return entry;
  }
  /// Adds a caller, whose answers go to `answers_`.
  void wait_for(LedgerEntry& entry) {
    entry.waiting.push_back([this, id = entry.write.id](const Result<WriteStatus>& status) {
      answers_ += print(id) + " " +
                  (status ? std::string("ok") : std::string(to_string(status.error().code))) + "; ";
    });
  }
  [[nodiscard]] std::string take_answers() { return std::exchange(answers_, {}); }
  [[nodiscard]] std::string handed_over(bool failed) {
    std::string text;
    const KeptHandover handover = book_.handover(1'000, failed);
    for (const UnfinishedWrite& one : handover.unfinished) {
      text += print(one.write.id) + " @" + std::to_string(one.sent_after_s);
      for (const auto index : one.settled) text += " without " + std::to_string(index);
      text += "; ";
    }
    for (const RejectedWrite& one : handover.rejected) {
      text += print(one.write.id) + " rejected: " + one.rejection.message + "; ";
    }
    return text;
  }
  static Rejection because(const std::string& message) {
    Rejection why;
    why.message = message;
    return why;
  }

  const std::string instance_ = "test";
  sim::ManualClock clock_;
  PrintedEvents events_;
  ViewEvents view_{events_, instance_};
  WriteBook book_{{"items"}, clock_, view_};
  std::string answers_;
  int finals_ = 0;
};

const TableSchema& notes_schema() {
  return rows::intern_schema({"notes", {{"id", "int8", 0, true}, {"text", "text", 0, false}}, {0}});
}

TEST_F(WriteBookTest, AnswersEveryCallerOnceTheWriteIsAccepted) {
  LedgerEntry& entry = add(1);
  wait_for(entry);
  book_.accept(entry);
  EXPECT_EQ(events_.take(), "write 1 accepted");
  EXPECT_EQ(take_answers(), "1 ok; 1 ok; ");
  book_.accept(entry);
  EXPECT_EQ(events_.take(), "") << "nothing has changed";
}

TEST_F(WriteBookTest, TellsOnceThatAWriteLeavesAndKeepsTheFirstTime) {
  add_sent(1);
  book_.note_sending(write_id(1), 500);
  book_.note_sending(write_id(1), 600);
  book_.note_sending(write_id(2), 600);
  EXPECT_EQ(events_.take(), "write 1 sending");
  EXPECT_EQ(book_.find(write_id(1))->sent_after_s, 500);
}

TEST_F(WriteBookTest, AnswersTheCallerThatHasWaitedLongestWhenItsDeadlinePasses) {
  LedgerEntry& entry = add_sent(1);
  wait_for(entry);
  book_.note_call_overdue(write_id(1), "late");
  EXPECT_EQ(take_answers(), "1 in_doubt; ");
  book_.note_in_doubt(write_id(1), "late");
  EXPECT_EQ(take_answers(), "1 in_doubt; ");
  EXPECT_EQ(events_.take(), "write 1 submitted in doubt");
  book_.note_call_overdue(write_id(1), "nobody waits");
  EXPECT_EQ(take_answers(), "");
}

TEST_F(WriteBookTest, ConfirmsAWriteOnce) {
  add_sent(1);
  book_.confirm(write_id(1));
  book_.confirm(write_id(1));
  book_.confirm(write_id(9));
  EXPECT_EQ(events_.take(), "write 1 confirmed");
  EXPECT_EQ(take_answers(), "1 ok; ");
}

TEST_F(WriteBookTest, SettlesByItsAcknowledgementWhatNoStreamShows) {
  const RowRef key = make_row(notes_schema(), {Cell::of("7"), Cell{}});
  const RowRef row = make_row(notes_schema(), {Cell::of("7"), Cell::of("x")});
  LedgerEntry& entry = add(1, {insert_item("1", "milk"), {OperationKind::insert, key, row}});
  book_.ledger().send(entry);
  clock_.advance(3s);
  EXPECT_TRUE(book_.note_acknowledged(entry));
  EXPECT_FALSE(entry.settled[0]);
  EXPECT_TRUE(entry.settled[1]);
  EXPECT_EQ(entry.rule, ConfirmationRule::no_shape);
  EXPECT_EQ(entry.acknowledged_at, clock_.now());
  EXPECT_FALSE(book_.note_acknowledged(entry)) << "the second answer";
}

TEST_F(WriteBookTest, CancelsCallsButLeavesInDoubtWhatWasSent) {
  add_sent(1);
  add(2);
  book_.cancel_waiting("broken");
  EXPECT_EQ(take_answers(), "1 in_doubt; 2 cancelled; ");
}

TEST_F(WriteBookTest, HandsOverWritesAsTheyStand) {
  LedgerEntry& left = add_sent(1);
  left.state = WriteState::sending;
  LedgerEntry& halfway = add(2, {insert_item("2", "a"), insert_item("3", "b")});
  book_.ledger().send(halfway);
  halfway.sent_after_s = 700;
  book_.ledger().settle(halfway, 1);
  add(3);
  book_.reject(add(4), because("no"));
  EXPECT_EQ(handed_over(false), "1 @1000; 2 @700 without 1; 3 @0; 4 rejected: no; ");
  EXPECT_EQ(handed_over(true), "1 @1000; 2 @700 without 1; 4 rejected: no; ")
      << "the caller of the third was told that it is cancelled";
}

TEST_F(WriteBookTest, ForgetsWhatAFailedPatternNeverSent) {
  add_sent(1);
  add(2);
  book_.accept(add(3));
  book_.forget_cancelled();
  EXPECT_NE(book_.find(write_id(1)), nullptr);
  EXPECT_EQ(book_.find(write_id(2)), nullptr);
  EXPECT_NE(book_.find(write_id(3)), nullptr) << "its caller was told that it is kept";
}

TEST_F(WriteBookTest, TellsThePredecessorOnceAllItsWritesAreFinal) {
  add_sent(1);
  LedgerEntry& refused = add_sent(2);
  book_.reject(refused, because("no"));
  book_.share_with_predecessor([this] { ++finals_; });
  EXPECT_TRUE(book_.is_shared());
  add_sent(3);
  book_.announce(refused);
  book_.confirm(write_id(1));
  EXPECT_EQ(finals_, 0) << "a refused write is not final";
  book_.discard(refused);
  EXPECT_EQ(finals_, 1);
  EXPECT_FALSE(book_.is_shared());
  book_.confirm(write_id(3));
  EXPECT_EQ(finals_, 1);
}

TEST_F(WriteBookTest, LetsThePredecessorKeepADividedWriteUntilItsPartsAreFinal) {
  add_sent(1);
  book_.share_with_predecessor([this] { ++finals_; });
  const std::vector<UnfinishedWrite> parts{{{write_id(11), 1, {insert_item("1", "a")}}, {}}};
  static_cast<void>(book_.divide(write_id(1), because("no"), parts));
  EXPECT_EQ(finals_, 0);
  book_.confirm(write_id(11));
  EXPECT_EQ(finals_, 1);
}

TEST_F(WriteBookTest, TellsThePredecessorImmediatelyWhereItKeepsNoWrite) {
  book_.share_with_predecessor([this] { ++finals_; });
  EXPECT_EQ(finals_, 1);
  EXPECT_FALSE(book_.is_shared());
}

TEST_F(WriteBookTest, SharesNothingWithAPredecessorThatForgets) {
  add_sent(1);
  book_.share_with_predecessor([this] { ++finals_; });
  book_.share_with_predecessor(nullptr);
  book_.confirm(write_id(1));
  EXPECT_EQ(finals_, 0) << "the next swap has ended what the one before started";
}

TEST_F(WriteBookTest, ListsRejectedWritesInLocalOrder) {
  book_.reject(add(2), because("no"));
  book_.reject(add(1), because("never"));
  ASSERT_EQ(book_.rejected_writes().size(), 2U);
  EXPECT_EQ(book_.rejected_writes()[0].id, write_id(2));
  EXPECT_EQ(book_.rejected_writes()[1].rejection.message, "never");
}

}  // namespace
}  // namespace patchbay::test
