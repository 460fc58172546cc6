#include "online/online_pattern.hpp"

#include <gtest/gtest.h>

#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

class OnlinePattern : public testing::Test {
 protected:
  FakeHost host_;
  online::OnlinePattern pattern_;
  PatternDriver driver_{pattern_, host_};
};

TEST_F(OnlinePattern, SendsWithTheDefaultDeadlineAndShowsNothingOfItsOwn) {
  EXPECT_EQ(driver_.start(), "");
  driver_.reset({item("1", "milk")});
  EXPECT_EQ(driver_.write(1, {insert_item("2", "eggs")}), "send 1 within 180000ms");
  EXPECT_EQ(driver_.view(), "1:milk");
}

TEST_F(OnlinePattern, TakesTheDeadlineFromItsSetting) {
  host_.settings["retry_deadline_ms"] = "250";
  EXPECT_EQ(driver_.start(), "");
  EXPECT_EQ(driver_.write(1, {remove_item("1")}), "send 1 within 250ms");
}

TEST_F(OnlinePattern, RefusesADeadlineThatIsNotANumber) {
  for (const char* bad : {"soon", "0", "-5", "10s", "", "99999999999999999999"}) {
    host_.settings["retry_deadline_ms"] = bad;
    EXPECT_EQ(driver_.start(), std::string("error rejected: The setting retry_deadline_ms is \"") +
                                   bad + "\"; give a whole number of milliseconds, 1 or more.");
  }
}

TEST_F(OnlinePattern, AcceptsOnceTheServerHasAcknowledged) {
  EXPECT_EQ(driver_.start(), "");
  driver_.write(1, {insert_item("2", "eggs")});
  EXPECT_EQ(driver_.acknowledged(1), "accept 1");
}

TEST_F(OnlinePattern, LeavesARefusalToTheHost) {
  EXPECT_EQ(driver_.start(), "");
  driver_.write(1, {insert_item("2", "eggs")});
  EXPECT_EQ(driver_.rejected(1), "");
  EXPECT_EQ(driver_.discarded(1), "");
}

TEST_F(OnlinePattern, ShowsWhatTheStreamShows) {
  EXPECT_EQ(driver_.reset({item("1", "milk"), item("2", "eggs")}), "table items");
  BatchSource batch;
  batch.now(item("3", "tea")).gone(item("1", "milk"));
  EXPECT_EQ(driver_.batch(batch), "changed 3:tea, gone 1:milk");
  EXPECT_EQ(driver_.view(), "2:eggs  3:tea");
  EXPECT_EQ(driver_.reset({item("9", "salt")}), "table items");
  EXPECT_EQ(driver_.view(), "9:salt");
}

TEST_F(OnlinePattern, ReadsOneRowByKey) {
  driver_.reset({item("1", "milk"), item("2", "eggs")});
  Query query;
  query.table = &items_schema();
  query.key = item_key("2");
  EXPECT_EQ(driver_.view(query), "2:eggs");
  query.key = item_key("3");
  EXPECT_EQ(driver_.view(query), "");
}

}  // namespace
}  // namespace patchbay::test
