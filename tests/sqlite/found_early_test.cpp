// Which writes of other programs a successor remembers as found before it had adopted.
#include "found_early.hpp"

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

class FoundEarlyTest : public StoreTest {
 protected:
  /// A committed step that finds this write.
  void find(std::uint32_t number) {
    EXPECT_TRUE(store_->write([&] {
      early_.forget_when_adopted();
      early_.found(sim::write_id(number));
    }));
  }
  /// All there is, without forgetting it.
  [[nodiscard]] std::string kept() {
    std::string all;
    EXPECT_FALSE(store_->write([&] {
      for (const WriteId& id : early_.take()) all += (all.empty() ? "" : " ") + sim::print(id);
      throw sqlite::Refused{{ErrorCode::retry, "only looked at"}};
    }));
    return all;
  }

  std::unique_ptr<sqlite::Store> store_ = opened();
  sqlite::FoundEarly early_{*store_};
};

TEST_F(FoundEarlyTest, KeepsNothingWhileThePatternRunsAlone) {
  find(1);
  EXPECT_EQ(kept(), "");
}

TEST_F(FoundEarlyTest, KeepsWhatIsFoundInItsOrderAlsoForTheNextObject) {
  early_.begin();
  find(2);
  find(1);
  EXPECT_EQ(kept(), "2 1");
  sqlite::FoundEarly next(*store_);
  EXPECT_TRUE(store_->write([&] {
    EXPECT_EQ(next.take(), (std::vector{sim::write_id(2), sim::write_id(1)}));
    EXPECT_TRUE(next.take().empty());
  }));
}

TEST_F(FoundEarlyTest, ForgetsAtTheFirstStepBehindTheCutThatIsCommitted) {
  early_.begin();
  find(1);
  early_.end();
  EXPECT_EQ(kept(), "1") << "the swap may still be given up";
  EXPECT_FALSE(store_->write([&] {
    early_.forget_when_adopted();
    throw sqlite::Refused{{ErrorCode::retry, "again"}};
  }));
  EXPECT_EQ(kept(), "1");
  find(2);
  EXPECT_EQ(kept(), "");
}

}  // namespace
}  // namespace patchbay::test
