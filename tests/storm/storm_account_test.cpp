// The account of a storm notices each way in which a write can go wrong, and nothing else.
#include "storm/storm_account.hpp"

#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

/// A good insert of row 1 (stamp 1), whose row is changed in the next transaction (stamp 2), a bad
/// insert of row 2 (stamp 3), which a whole transaction has with row 3 (stamp 4).
class StormAccountTest : public testing::Test {
 protected:
  StormAccountTest() {
    account_.accept({{{"insert", "items", 1, 1, false, 0}}, false});
    account_.accept({{{"update", "items", 1, 2, false, 0}}, false});
    account_.accept(
        {{{"insert", "items", 2, 3, true, 0}, {"insert", "items", 3, 4, false, 0}}, true});
  }
  [[nodiscard]] std::string wrong() const { return account_.wrong(applied_, refusals_); }

  StormAccount account_;
  std::vector<StormChange> applied_{{"insert", "items", 1, 1}, {"update", "items", 1, 2}};
  std::vector<StormRefusal> refusals_{
      {"w", {{"insert", "items", 2, 3}, {"insert", "items", 3, 4}}}};
};

TEST_F(StormAccountTest, IsContentWhereEachIsAppliedOrRefusedForAReason) {
  EXPECT_EQ(wrong(), "");
}

TEST_F(StormAccountTest, NoticesWhatIsLost) {
  applied_.pop_back();
  EXPECT_EQ(wrong(), "The update of items 1 (stamp 2) is lost.\n");
}

TEST_F(StormAccountTest, NoticesWhatIsAppliedTwice) {
  applied_.push_back(applied_.back());
  EXPECT_EQ(wrong(), "The update of items 1 (stamp 2) is applied 2 times and refused 0 times.\n");
}

TEST_F(StormAccountTest, NoticesWhatIsAppliedAndRefused) {
  applied_.push_back({"insert", "items", 3, 4});
  EXPECT_NE(wrong().find("applied 1 times and refused 1 times"), std::string::npos) << wrong();
}

TEST_F(StormAccountTest, NoticesWhatCameInAnotherOrder) {
  std::swap(applied_[0], applied_[1]);
  EXPECT_NE(wrong().find("came before an earlier one"), std::string::npos) << wrong();
}

TEST_F(StormAccountTest, NoticesWhatNobodyWrote) {
  applied_.push_back({"insert", "items", 9, 9});
  EXPECT_EQ(wrong(), "Nobody wrote the insert of items 9 (stamp 9).\n");
}

TEST_F(StormAccountTest, NoticesATransactionThatIsTorn) {
  refusals_[0].operations.pop_back();
  applied_.push_back({"insert", "items", 3, 4});
  EXPECT_NE(wrong().find("is torn"), std::string::npos) << wrong();
}

TEST_F(StormAccountTest, NoticesARefusalWithoutAReason) {
  applied_.pop_back();
  refusals_[0].operations.push_back({"update", "items", 1, 2});
  EXPECT_NE(wrong().find("update of items 1 (stamp 2) was refused without a reason"),
            std::string::npos)
      << wrong();
}

TEST_F(StormAccountTest, KnowsThatAnUpdateOfARefusedRowIsRefused) {
  account_.accept({{{"update", "items", 2, 5, false, 0}}, false});
  refusals_.push_back({"w2", {{"update", "items", 2, 5}}});
  EXPECT_EQ(wrong(), "");
}

TEST_F(StormAccountTest, KnowsThatADeleteOfARefusedRowLeavesNoTrace) {
  account_.accept({{{"delete", "items", 2, 5, false, 0}}, false});
  EXPECT_EQ(wrong(), "");
}

TEST_F(StormAccountTest, KnowsThatAChildOfARefusedRowIsRefusedAndOfAnotherIsNot) {
  account_.accept({{{"insert", "parents", 1, 5, true, 0}}, false});
  account_.accept({{{"insert", "items", 4, 6, false, 1}}, false});
  refusals_.push_back({"w2", {{"insert", "parents", 1, 5}}});
  refusals_.push_back({"w3", {{"insert", "items", 4, 6}}});
  EXPECT_EQ(wrong(), "");
  account_.accept({{{"insert", "items", 5, 7, false, 2}}, false});
  account_.has_row("parents", 2);
  refusals_.push_back({"w4", {{"insert", "items", 5, 7}}});
  EXPECT_NE(wrong().find("items 5 (stamp 7) was refused without a reason"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
