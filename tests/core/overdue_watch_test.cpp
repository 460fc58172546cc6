// The watch alone: when it asks for news of a table, when it sends a write again, when it ends.
#include "core/write_parts.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class OverdueWatchTest : public WriteParts {
 protected:
  [[nodiscard]] std::size_t take_asked() {
    for (const std::string& table : stream_.asked) EXPECT_EQ(table, "items");
    return std::exchange(stream_.asked, {}).size();
  }
};

TEST_F(OverdueWatchTest, AsksForTheTablesOfAnUnseenWriteLessAndLessOften) {
  add_acknowledged(1);
  overdue_.begin();
  pass(1'999ms);
  EXPECT_EQ(take_asked(), 0U);
  pass(1ms);
  EXPECT_EQ(take_asked(), 1U);
  pass(100ms);
  EXPECT_EQ(take_asked(), 1U);
  pass(199ms);
  EXPECT_EQ(take_asked(), 0U);
  pass(1ms);
  EXPECT_EQ(take_asked(), 1U);
}

TEST_F(OverdueWatchTest, RunsOneTimerHoweverManyWritesWait) {
  for (std::uint32_t number = 1; number <= 5; ++number) {
    add_acknowledged(number);
    overdue_.begin();
  }
  EXPECT_EQ(clock_.pending(), 1U);
  pass(2s);
  EXPECT_EQ(take_asked(), 1U) << "once for a table";
}

TEST_F(OverdueWatchTest, EndsOnceEveryWriteIsSeen) {
  add_acknowledged(1);
  overdue_.begin();
  book_.confirm(write_id(1));
  pass(2s);
  EXPECT_EQ(take_asked(), 0U);
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(OverdueWatchTest, HasPatienceWithEachWriteOfItsOwn) {
  add_acknowledged(1);
  overdue_.begin();
  pass(1'500ms);
  book_.confirm(write_id(1));
  add_acknowledged(2);
  overdue_.begin();
  pass(500ms);
  EXPECT_EQ(take_asked(), 0U);
  pass(1'500ms);
  EXPECT_EQ(take_asked(), 1U);
}

TEST_F(OverdueWatchTest, SendsAWriteAgainThatIsNotSeenForTooLong) {
  add_acknowledged(1);
  overdue_.begin();
  pass(29'999ms);
  EXPECT_EQ(sent(), "");
  pass(1ms);
  EXPECT_EQ(sent(), "1");
  EXPECT_EQ(book_.find(write_id(1))->state, WriteState::sending);
  EXPECT_TRUE(book_.ledger().acknowledged().empty());
}

TEST_F(OverdueWatchTest, EndsWithItsPattern) {
  add_acknowledged(1);
  overdue_.begin();
  loop_.fail("broken");
  pass(2s);
  EXPECT_EQ(clock_.pending(), 0U);
}

}  // namespace
}  // namespace patchbay::test
