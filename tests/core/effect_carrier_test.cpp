// The carrier alone: the order in which it carries out effects, and those that break the contract.
#include "runtime/effect_carrier.hpp"
#include "core/write_parts.hpp"

namespace patchbay::test {
namespace {

class EffectCarrierTest : public WriteParts {
 protected:
  void carry_out_effects() {
    carrier_.carry_out(effects_.all());
    effects_ = {};
  }
  [[nodiscard]] Write write(std::uint32_t number) const {
    return {write_id(number), 0, {insert_item(std::to_string(number), "milk")}};
  }
  /// A row comes to readers, with or without its mark.
  [[nodiscard]] std::string told_of(const std::string& id) {
    effects_.row_changed(item(id, "milk"));
    carry_out_effects();
    return events_.take();
  }

  EffectsBuffer effects_;
  EffectCarrier carrier_{options_.name, loop_, book_, sender_, view_};
};

TEST_F(EffectCarrierTest, SendsFirstSoThatARowHasItsMark) {
  effects_.row_changed(item("1", "milk"));
  effects_.send(write(1), {});
  carry_out_effects();
  EXPECT_EQ(events_.take(), "write 1 accepted, row 1:milk*");
  EXPECT_EQ(sent(), "1");
}

TEST_F(EffectCarrierTest, AnswersTheCallersOfAnAcceptedWrite) {
  int answers = 0;
  add(1).waiting.push_back([&answers](const auto& status) { answers += status ? 1 : 0; });
  effects_.accept(write_id(1));
  carry_out_effects();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(events_.take(), "write 1 accepted");
}

TEST_F(EffectCarrierTest, DropsWhatBreaksTheContractAndSaysSo) {
  add_sent(1);
  effects_.accept(write_id(9));
  effects_.send(write(1), {});
  effects_.reject(write_id(1), {ErrorCode::rejected, "no"});
  effects_.restore_rejected({write(1), {}});
  carry_out_effects();
  const std::string known = write_id(1).text();
  const auto line = [](const std::string& what) {
    return "[error] [test] misbehaving: It " + what + "\n";
  };
  EXPECT_EQ(log_.take(),
            line("sent the write " + known + " twice") +
                line("accepted the unknown write " + write_id(9).text()) +
                line("rejected the write " + known + ", which is unknown, sent or final") +
                line("restored the write " + known + ", which is known already"));
  EXPECT_EQ(events_.take(), "");
}

TEST_F(EffectCarrierTest, TellsThePatternTheEndOfAWriteThatItsStoreStillHolds) {
  LedgerEntry& refused = add_sent(1);
  book_.reject(refused, {});
  add_sent(2);
  book_.confirm(write_id(2));
  LedgerEntry& dropped = add_sent(3);
  book_.reject(dropped, {});
  book_.discard(dropped);
  static_cast<void>(sent());
  for (const std::uint32_t number : {1U, 2U, 3U}) effects_.send(write(number), {});
  carry_out_effects();
  EXPECT_EQ(pattern_->take_outcomes(), "") << "the step has not ended";
  pass({});
  EXPECT_EQ(pattern_->take_outcomes(), "rejected 1; acknowledged 2; discarded 3; ");
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(log_.take(), "");
}

TEST_F(EffectCarrierTest, RejectsAWriteThatNeverLeft) {
  std::string answer;
  add(1).waiting.push_back(
      [&answer](const Result<WriteStatus>& status) { answer = status.error().message; });
  effects_.reject(write_id(1), {ErrorCode::rejected, "The list is full."});
  carry_out_effects();
  EXPECT_EQ(answer, "The list is full.");
  EXPECT_EQ(events_.take(), "write 1 rejected");
  EXPECT_EQ(told_of("1"), "row 1:milk");
}

TEST_F(EffectCarrierTest, TouchesNoRowWhileThePatternStarts) {
  const auto touched = [this] {
    int rows = 0;
    view_.announce_touched(book_.ledger(), [&rows](const RowRef&) {
      ++rows;
      return RowRef();
    });
    return rows;
  };
  effects_.send(write(1), {});
  carry_out_effects();
  EXPECT_EQ(touched(), 1);
  loop_.stop("not running");
  effects_.send(write(2), {});
  carry_out_effects();
  EXPECT_EQ(touched(), 0);
}

}  // namespace
}  // namespace patchbay::test
