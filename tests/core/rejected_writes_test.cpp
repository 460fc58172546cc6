// RejectedWrites alone: what a retry and a discard come to, and what stays when they cannot be.
#include "runtime/rejected_writes.hpp"

#include "core/submission_parts.hpp"

namespace patchbay::test {
namespace {

class RejectedWritesTest : public SubmissionParts {
 protected:
  RejectedWritesTest() {
    Rejection why;
    why.status = 409;
    why.message = "no milk";
    book_.reject(add_sent(1), why);
  }
  void retry(std::uint32_t number) { rejected_.retry(write_id(number), told("retry")); }
  void discard(std::uint32_t number) { rejected_.discard(write_id(number), told("discard")); }
  /// Expects that the refusal can still be retried or discarded, and nobody was told otherwise.
  void expect_that_it_is_as_before() {
    EXPECT_EQ(book_.find(write_id(1))->state, WriteState::rejected);
    EXPECT_EQ(pattern_->take_outcomes(), "");
    EXPECT_EQ(events_.take(), "");
    EXPECT_EQ(sent(), "");
  }

  RejectedWrites rejected_{slot_, loop_, book_, submission_};
};

TEST_F(RejectedWritesTest, SendsTheOperationsAgainAsANewWrite) {
  retry(1);
  EXPECT_EQ(answers(), "retry: accepted");
  EXPECT_NE(last_.id, write_id(1));
  EXPECT_EQ(print(*last_.operations.at(0).set), "1:milk");
  EXPECT_EQ(book_.find(write_id(1))->state, WriteState::discarded);
  EXPECT_EQ(pattern_->take_outcomes(), "discarded 1; ");
  EXPECT_NE(sent(), "");
}

TEST_F(RejectedWritesTest, KeepsTheOldWriteWhereTheNewOneIsNotTaken) {
  pattern_->at_write = refuses(ErrorCode::retry);
  retry(1);
  EXPECT_EQ(answers(), "retry: retry");
  EXPECT_EQ(why_, "No.");
  expect_that_it_is_as_before();
  loop_.fail("broken");
  retry(1);
  EXPECT_EQ(answers(), "retry: retry");
  expect_that_it_is_as_before();
}

TEST_F(RejectedWritesTest, DiscardsAndTellsThePattern) {
  discard(1);
  EXPECT_EQ(answers(), "discard: discarded");
  EXPECT_EQ(last_.rejection.message, "no milk");
  EXPECT_EQ(pattern_->take_outcomes(), "discarded 1; ");
  EXPECT_EQ(events_.take(), "write 1 discarded");
  EXPECT_TRUE(book_.rejected_writes().empty());
  discard(1);
  EXPECT_EQ(answers(), "discard: rejected") << "it was discarded before";
}

TEST_F(RejectedWritesTest, RefusesAWriteThatIsUnknownOrNotRefused) {
  add_sent(2);
  for (const std::uint32_t number : {2U, 9U}) {
    retry(number);
    EXPECT_EQ(why_,
              "The pattern \"test\" holds no rejected write " + write_id(number).text() + ".");
    discard(number);
    EXPECT_EQ(answers(), "retry: rejected; discard: rejected");
  }
  EXPECT_EQ(book_.find(write_id(2))->state, WriteState::submitted);
}

TEST_F(RejectedWritesTest, WaitsUntilThePatternHasTakenInWhatTheServerSaid) {
  bool full = true;
  loop_.enqueue({[&full](Effects&) -> Result<void> {
    return full ? failure(ErrorCode::retry, "The disk is full.") : Result<void>{};
  }});
  retry(1);
  discard(1);
  EXPECT_EQ(answers(), "retry: retry; discard: retry");
  EXPECT_EQ(why_, "The pattern \"test\" is still taking in what the server said; try again.");
  expect_that_it_is_as_before();
  full = false;
  pass(std::chrono::seconds(1));
  discard(1);
  EXPECT_EQ(answers(), "discard: discarded");
}

}  // namespace
}  // namespace patchbay::test
