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

  /// A write over two rows that has been sent and may be divided.
  LedgerEntry& add_divisible(std::uint32_t number) {
    LedgerEntry& entry = book_.ledger().add(
        {write_id(number), 0, {insert_item("1", "a"), insert_item("2", "b")}});
    book_.ledger().send(entry);
    entry.divisible = true;
    return entry;
  }
  /// Outcomes that the pattern hears of a write that is refused so: "rejected 1; ".
  std::string heard_of_refusal(std::uint32_t number, int status, const WriteId& because_of = {}) {
    Rejection why;
    why.status = status;
    why.because_of = because_of;
    progress_.take_verdict(write_id(number), why);
    return pattern_->take_outcomes();
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

TEST_F(WriteProgressTest, DividesOnlyWhatMayBeSentUnderOtherIds) {
  add_divisible(1);
  EXPECT_EQ(heard_of_refusal(1, 409), "divided 1 into 2; ");
  add_divisible(2);
  EXPECT_EQ(heard_of_refusal(2, 410), "rejected 2; ") << "it may have been applied";
  add_divisible(3);
  EXPECT_EQ(heard_of_refusal(3, 409, write_id(9)), "rejected 3; ");
  book_.ledger().settle(add_divisible(4), 0);
  EXPECT_EQ(heard_of_refusal(4, 409), "rejected 4; ") << "the stream has shown it";
  add_divisible(5).divisible = false;
  EXPECT_EQ(heard_of_refusal(5, 409), "rejected 5; ");
  add_sent(6).divisible = true;
  EXPECT_EQ(heard_of_refusal(6, 409), "rejected 6; ") << "there is one row";
}

TEST_F(WriteProgressTest, KeepsAWriteUnfinishedUntilThePatternHoldsItsParts) {
  add_divisible(1);
  add_sent(2);
  bool full = true;
  pattern_->at_divided = [&full](Effects&) -> Result<void> {
    return full ? failure(ErrorCode::retry, "The disk is full.") : Result<void>{};
  };
  refuse(1);
  const auto handed_over = [this] {
    std::string all;
    for (const UnfinishedWrite& one : book_.handover(0, false).unfinished) {
      all += std::to_string(one.write.sequence) + (one.divisible ? " divisible; " : "; ");
    }
    return all;
  };
  EXPECT_EQ(handed_over(), "1 divisible; 3; ") << "a successor may have to divide it";
  EXPECT_EQ(sent(), "");
  full = false;
  pass(50ms);
  EXPECT_EQ(handed_over(), "1; 2; 3; ");
  EXPECT_EQ(gateway_.count, 2U) << "the parts are sent";
}

TEST_F(WriteProgressTest, DividesWhatAFailedPatternHadSent) {
  add_divisible(1);
  loop_.fail("It threw.");
  refuse(1);
  EXPECT_EQ(book_.handover(0, true).unfinished.size(), 2U) << "its successor gets the parts";
  executor_.run_all();
  EXPECT_EQ(gateway_.count, 2U);
}

}  // namespace
}  // namespace patchbay::test
