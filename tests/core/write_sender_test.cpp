// The sender alone: what it sends again and when, marks, and what is left of it once it is closed.
#include <patchbay/plugin.hpp>

#include "core/write_parts.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class WriteSenderTest : public WriteParts {};

TEST_F(WriteSenderTest, SendsAgainOnlyWhatHasNoAnswerThatCounts) {
  add_sent(1);
  add_acknowledged(2);
  book_.reject(add_sent(3), {});
  sender_.send_again({write_id(1), write_id(2), write_id(3), write_id(4)});
  EXPECT_EQ(sent(), "1");
  EXPECT_EQ(events_.take(), "write 1 submitted");
}

TEST_F(WriteSenderTest, WaitsLongerAndLongerWhileTwoServersAnswerInTurn) {
  sender_.send_to_other_server({write_id(1)});
  EXPECT_EQ(clock_.pending(), 0U) << "the first change is not a conflict";
  sender_.send_to_other_server({write_id(1)});
  const auto first = clock_.next_in();
  ASSERT_TRUE(first);
  pass(*first);
  sender_.send_to_other_server({write_id(1)});
  EXPECT_EQ(clock_.next_in(), *first * 2);
  EXPECT_NE(log_.take().find("Two different servers"), std::string::npos);
  pass(10min);
  sender_.send_to_other_server({write_id(1)});
  EXPECT_EQ(clock_.pending(), 0U) << "forgotten by then";
}

TEST_F(WriteSenderTest, SendsToTheOtherServerWhatIsStillWithoutAnswerByThen) {
  add_sent(1);
  add_sent(2);
  sender_.send_to_other_server({});
  sender_.send_to_other_server({write_id(1), write_id(2)});
  EXPECT_EQ(sent(), "");
  book_.confirm(write_id(1));
  pass(*clock_.next_in());
  EXPECT_EQ(sent(), "2");
}

TEST_F(WriteSenderTest, RepeatsAMarkUntilItIsStoredAndWarnsOnce) {
  bool full = true;
  pattern_->at_mark = [&full]() -> Result<void> {
    return full ? failure(ErrorCode::retry, "The disk is full.") : Result<void>{};
  };
  sender_.mark({write_id(1)});
  pass(50ms);
  pass(100ms);
  EXPECT_EQ(pattern_->take_marks(), "1 @0; 1 @0; 1 @0; ");
  EXPECT_EQ(log_.take(),
            "[warning] [test] Writes wait, as the pattern cannot store that they are "
            "sent: The disk is full.\n");
  full = false;
  pass(200ms);
  EXPECT_EQ(pattern_->take_marks(), "1 @0; ");
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(WriteSenderTest, GivesUpAMarkOfAPatternThatFails) {
  pattern_->at_mark = []() -> Result<void> { return failure(ErrorCode::corrupt, "Damaged."); };
  sender_.mark({write_id(1)});
  EXPECT_TRUE(loop_.has_failed());
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(WriteSenderTest, SendsWhatThePredecessorHadNotSent) {
  add_sent(1);
  add(2);
  slot_.module.traits = kTraitOptimistic;
  sender_.inherit();
  EXPECT_EQ(sent(), "2");
  EXPECT_EQ(events_.take(), "write 1 accepted, write 2 accepted");
}

TEST_F(WriteSenderTest, AcceptsNoWriteForAPatternThatHoldsNone) {
  add(1);
  sender_.inherit();
  EXPECT_EQ(sent(), "1");
  EXPECT_EQ(events_.take(), "");
}

TEST_F(WriteSenderTest, DoesNothingOnceItIsClosed) {
  add_sent(1);
  sender_.send_to_other_server({});
  sender_.send_to_other_server({write_id(1)});
  QueueStatus status;
  status.state = QueueState::unauthorized;
  sender_.note_status(status);
  sender_.close();
  EXPECT_FALSE(sender_.is_open());
  pass(1h);
  sender_.mark({write_id(1)});
  sender_.handled(write_id(1), false);
  sender_.extend(write_id(1), 1s);
  sender_.network_restored();
  sender_.inherit();
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(pattern_->take_marks(), "");
}

TEST_F(WriteSenderTest, ReachesTheBackendWhileItIsIdleOrSending) {
  EXPECT_TRUE(sender_.reaches_backend());
  QueueStatus status;
  status.state = QueueState::retrying;
  sender_.note_status(status);
  EXPECT_FALSE(sender_.reaches_backend());
}

}  // namespace
}  // namespace patchbay::test
