// The pattern that `patchbay new-plugin` writes, step by step: what its comments say is true.
#include <gtest/gtest.h>

#include "my_pattern.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

class Template : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(driver_.start(), "");
    EXPECT_EQ(driver_.reset({item("1", "milk"), item("2", "eggs")}), "table items");
  }

  FakeHost host_;
  my_pattern::MyPattern pattern_;
  PatternDriver driver_{pattern_, host_};
};

TEST_F(Template, ShowsAWriteImmediately) {
  EXPECT_EQ(driver_.write(1, {insert_item("3", "tea")}), "changed 3:tea, accept 1, send 1");
  EXPECT_EQ(driver_.write(2, {remove_item("2")}), "gone 2:-, accept 2, send 2");
  EXPECT_EQ(driver_.view(), "1:milk  3:tea");
}

TEST_F(Template, HoldsAWriteUntilItIsSettledAndNoLonger) {
  driver_.write(1, {update_item("1", "oat milk")});
  EXPECT_EQ(driver_.acknowledged(1), "");
  EXPECT_EQ(driver_.batch(BatchSource().now(item("1", "soy milk"))), "") << "mine is the later one";
  EXPECT_EQ(driver_.view(), "1:oat milk  2:eggs");
  EXPECT_EQ(driver_.batch(BatchSource().settles(1)), "changed 1:soy milk");
  EXPECT_EQ(driver_.batch(BatchSource().settles(1)), "") << "a second time";
}

TEST_F(Template, DropsOverlayAndSyncedChangeInOneStep) {
  driver_.write(1, {update_item("1", "oat milk")});
  EXPECT_EQ(driver_.batch(BatchSource().now(item("1", "oat milk")).settles(1)), "");
  EXPECT_EQ(driver_.view(), "1:oat milk  2:eggs");
}

TEST_F(Template, TakesBackARefusedWriteAndNothingElse) {
  driver_.write(1, {update_item("1", "a")});
  driver_.write(2, {update_item("1", "b"), insert_item("3", "tea")});
  EXPECT_EQ(driver_.rejected(2), "gone 3:-, changed 1:a");
  EXPECT_EQ(driver_.view(), "1:a  2:eggs");
  EXPECT_EQ(driver_.discarded(2), "");
}

TEST_F(Template, LetsGoWhenNoBatchWillSettle) {
  driver_.write(1, {insert_item("3", "tea")});
  EXPECT_EQ(driver_.acknowledged(1, true), "gone 3:-");
}

TEST_F(Template, KeepsUnfinishedWritesOverAReset) {
  driver_.write(1, {update_item("1", "oat milk")});
  driver_.write(2, {update_item("2", "more eggs")});
  EXPECT_EQ(driver_.reset({item("1", "milk"), item("4", "salt")}), "gone 2:-, table items");
  EXPECT_EQ(driver_.view(), "1:oat milk  4:salt") << "an update of a row that went shows nothing";
}

TEST_F(Template, AnswersForOneKey) {
  driver_.write(1, {update_item("1", "oat milk"), remove_item("2")});
  Query query;
  for (const char* id : {"1", "2", "9"}) {
    query.key = item_key(id);
    EXPECT_EQ(driver_.view(query), *id == '1' ? "1:oat milk" : "");
  }
}

TEST_F(Template, TakesOverWhatIsUnfinishedWithoutSendingIt) {
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(7), 7, {update_item("1", "x"), update_item("2", "y")}}, {1}}};
  EXPECT_EQ(driver_.adopt({unfinished, {}, nullptr}), "changed 1:x");
  EXPECT_EQ(driver_.view(), "1:x  2:eggs");
  EXPECT_EQ(driver_.batch(BatchSource().now(item("1", "x")).settles(7)), "");
}

}  // namespace
}  // namespace patchbay::test
