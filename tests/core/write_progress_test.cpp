// The progress of writes alone: what a batch and an answer make of a write, in which order.
#include "runtime/write_progress.hpp"

#include "core/write_parts.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class WriteProgressTest : public WriteParts {
 protected:
  static StreamBatchRef batch(std::vector<Change> changes, const std::string& offset,
                              Evidence evidence = {}) {
    auto one = std::make_shared<StreamBatch>();
    one->table = &items_schema();
    one->changes = std::move(changes);
    one->evidence = std::move(evidence);
    one->handle = "h1";
    one->offset = offset;
    return one;
  }
  static Evidence shows_txid(std::uint32_t txid) {
    Evidence evidence;
    evidence.txids.push_back(txid);
    return evidence;
  }
  void acknowledge(std::uint32_t number) {
    progress_.take_verdict(write_id(number), Acknowledgement{number, number, "s1"});
  }
  void refuse(std::uint32_t number) {
    Rejection why;
    why.status = 409;
    progress_.take_verdict(write_id(number), why);
  }

  WriteProgress progress_{slot_, loop_, book_, sender_, overdue_};
};

TEST_F(WriteProgressTest, ConfirmsAWriteOnceThePatternHasAppliedWhatShowsIt) {
  add_sent(1);
  acknowledge(1);
  EXPECT_EQ(events_.take(), "write 1 acknowledged");
  bool full = true;
  pattern_->at_batch = [&full](Effects&) -> Result<void> {
    return full ? failure(ErrorCode::retry, "The disk is full.") : Result<void>{};
  };
  progress_.take_batch(batch({{item("1", "milk"), false}}, "1_0", shows_txid(1)));
  EXPECT_EQ(events_.take(), "") << "the view does not have it yet";
  full = false;
  pass(50ms);
  EXPECT_EQ(events_.take(), "write 1 confirmed");
  EXPECT_EQ(pattern_->take_batches(),
            "items 1:milk settles 1! @h1 1_0; items 1:milk settles 1! @h1 1_0; ");
}

TEST_F(WriteProgressTest, SettlesByTheLastBatchWhatCameBeforeItsAcknowledgement) {
  add_sent(1);
  progress_.take_batch(batch({{item("1", "milk"), false}}, "1_0", shows_txid(1)));
  EXPECT_EQ(pattern_->take_batches(), "items 1:milk @h1 1_0; ");
  acknowledge(1);
  EXPECT_EQ(pattern_->take_outcomes(), "acknowledged 1; ");
  EXPECT_EQ(pattern_->take_batches(), "items settles 1! @h1 1_0; ") << "without its rows";
  EXPECT_EQ(events_.take(), "write 1 acknowledged, write 1 confirmed");
}

TEST_F(WriteProgressTest, GivesThePatternNoBatchThatSaysNothingNew) {
  progress_.take_batch(batch({}, "1_0"));
  progress_.take_batch(batch({}, "1_0"));
  progress_.take_batch(batch({}, "2_0"));
  EXPECT_EQ(pattern_->take_batches(), "items @h1 1_0; items @h1 2_0; ");
  EXPECT_EQ(progress_.last_batches().at("items")->offset, "2_0");
}

TEST_F(WriteProgressTest, TellsOfARefusalOnceThePatternHasTakenItIn) {
  std::string answer;
  add_sent(1).waiting.push_back(
      [&answer](const Result<WriteStatus>& status) { answer = status ? "ok" : "error"; });
  pattern_->at_outcome = [](const Outcome&, Effects&) -> Result<void> {
    return failure(ErrorCode::retry, "The disk is full.");
  };
  refuse(1);
  EXPECT_EQ(events_.take() + answer, "");
  pattern_->at_outcome = nullptr;
  pass(50ms);
  EXPECT_EQ(events_.take(), "write 1 rejected");
  EXPECT_EQ(answer, "ok");
}

TEST_F(WriteProgressTest, TellsOfNoRefusalThatThePatternHasEnded) {
  add_sent(1);
  pattern_->at_outcome = [this](const Outcome& outcome, Effects&) -> Result<void> {
    book_.discard(*book_.find(outcome.write));
    return {};
  };
  refuse(1);
  EXPECT_EQ(events_.take(), "write 1 discarded");
}

TEST_F(WriteProgressTest, DropsTheAnswerForAWriteThatHasEnded) {
  add_sent(1);
  book_.confirm(write_id(1));
  static_cast<void>(events_.take());
  acknowledge(1);
  refuse(1);
  acknowledge(9);
  EXPECT_EQ(events_.take(), "");
  EXPECT_EQ(pattern_->take_outcomes(), "");
}

TEST_F(WriteProgressTest, WatchesAnAcknowledgedWriteUntilItIsSeen) {
  add_sent(1);
  acknowledge(1);
  pass(2s);
  EXPECT_EQ(stream_.asked.size(), 1U);
}

}  // namespace
}  // namespace patchbay::test
