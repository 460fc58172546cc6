// The ids of writes that have ended, in the store's file: bounded, and found again after a restart.
#include <sqlite3.h>

#include <patchbay/kit/write_digest.hpp>
#include <patchbay/sqlite/final_memory.hpp>
#include <patchbay/sqlite/sqlite_pattern.hpp>

#include "sqlite/plain_rows.hpp"
#include "sqlite/sqlite_fixture.hpp"
#include "support/pattern_driver.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::test {
namespace {

using sqlite::FinalMemory;

WriteId made_at(std::int64_t ms) {
  return make_write_id(std::chrono::system_clock::time_point(std::chrono::milliseconds(ms)));
}

class FinalMemoryTest : public StoreTest {
 protected:
  FinalMemoryTest() { start(); }

  /// Opens the store again, as the next process would.
  void start(std::size_t ids_max = 3) {
    memory_.reset();
    store_.reset();
    store_ = opened();
    memory_ = std::make_unique<FinalMemory>(*store_, ids_max);
    change([this] { memory_->prepare(); });
  }
  void change(const std::function<void()>& work) {
    const Result<void> done = store_->write(work);
    EXPECT_TRUE(done) << done.error().message;
  }
  void add(const WriteId& id, const FinalWrite& end = {false, 7}) {
    change([&] { memory_->add(id, end); });
  }
  [[nodiscard]] FinalRecall recall(const WriteId& id) {
    FinalRecall found;
    EXPECT_TRUE(store_->read([&] { found = memory_->recall(id); }));
    return found;
  }
  [[nodiscard]] std::int64_t ids() {
    return store_->database().execAndGet("SELECT count(*) FROM patchbay_final").getInt64();
  }
  /// The steps of SQLite's machine for one more id, and to find it.
  [[nodiscard]] std::int64_t steps_of_one() {
    const std::int64_t before = machine_steps(*store_);
    const WriteId id = made_at(9'999'999);
    add(id);
    EXPECT_TRUE(recall(id).write);
    return machine_steps(*store_) - before;
  }

  std::unique_ptr<sqlite::Store> store_;
  std::unique_ptr<FinalMemory> memory_;
};

TEST_F(FinalMemoryTest, RemembersEndAndDigestAcrossARestart) {
  add(made_at(1'000), {false, 0xFFFF'FFFF'FFFF'FFFFU});
  add(sim::write_id(2), {true, 5});
  start();
  const FinalRecall first = recall(made_at(1'000));
  EXPECT_FALSE(first.write) << "another id of the same time";
  ASSERT_TRUE(recall(sim::write_id(2)).write);
  EXPECT_TRUE(recall(sim::write_id(2)).write->discarded);
  EXPECT_EQ(recall(sim::write_id(2)).write->digest, 5U);
  const WriteId id = made_at(2'000);
  add(id, {false, 0xFFFF'FFFF'FFFF'FFFFU});
  EXPECT_EQ(recall(id).write->digest, 0xFFFF'FFFF'FFFF'FFFFU);
  EXPECT_FALSE(recall(id).write->discarded);
}

TEST_F(FinalMemoryTest, ForgetsTheOneThatEndedFirstAndSaysSinceWhen) {
  change([&] { store_->database().exec("UPDATE patchbay_final_since SET ms = 500"); });
  const WriteId ids_made[] = {made_at(3'000), sim::write_id(1), made_at(2'000),
                              made_at(4'000), made_at(5'000),   made_at(6'000)};
  // The numbers: which of them are remembered, and since when, after each.
  const std::pair<const char*, std::int64_t> expected[] = {
      {"0", 500}, {"01", 500}, {"012", 500}, {"123", 3'001}, {"234", 3'001}, {"345", 3'001}};
  for (std::size_t at = 0; at < std::size(ids_made); ++at) {
    add(ids_made[at]);
    std::string known;
    for (std::size_t one = 0; one < std::size(ids_made); ++one) {
      if (recall(ids_made[one]).write) known += std::to_string(one);
    }
    EXPECT_EQ(known, expected[at].first);
    EXPECT_EQ(recall(made_at(1)).since_ms, expected[at].second) << at;
  }
  start();
  EXPECT_TRUE(recall(ids_made[5]).write);
  EXPECT_EQ(ids(), 3);
}

TEST_F(FinalMemoryTest, CountsAnIdOnceThatEndsTwice) {
  for (int time = 0; time < 5; ++time) add(sim::write_id(1), {time % 2 == 0, 1});
  add(sim::write_id(2));
  EXPECT_EQ(ids(), 2);
  EXPECT_TRUE(recall(sim::write_id(1)).write->discarded);
}

TEST_F(FinalMemoryTest, KnowsNothingOfTheTimeBeforeItStarted) {
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count();
  const std::int64_t began_ms = recall(sim::write_id(1)).since_ms;
  EXPECT_GT(began_ms, now_ms - 60'000);
  change([&] { store_->database().exec("UPDATE patchbay_final_since SET ms = 500"); });
  start();
  EXPECT_EQ(recall(sim::write_id(1)).since_ms, 500) << "a restart forgets nothing";
  change([&] { memory_->start_again(); });
  EXPECT_GE(recall(sim::write_id(1)).since_ms, began_ms) << "other stores had the writes meanwhile";
}

TEST_F(FinalMemoryTest, CostsTheSameHoweverManyItRemembers) {
  constexpr std::size_t kMany = 5'000;
  const auto fill = [&](std::size_t from) {
    change([&] {
      for (std::size_t at = from; at < from + kMany; ++at) {
        memory_->add(made_at(static_cast<std::int64_t>(at)), {false, at});
      }
    });
  };
  start(10 * kMany);
  fill(0);
  const std::int64_t once = steps_of_one();
  fill(kMany);
  const std::int64_t twice = steps_of_one();
  EXPECT_LT(static_cast<double>(twice), 2.2 * static_cast<double>(once));
  start(kMany);  // at the bound: one comes, one goes
  const std::int64_t full = steps_of_one();
  EXPECT_LT(static_cast<double>(full), 4 * static_cast<double>(once));
}

class FinalWritesTest : public StoreTest {
 protected:
  FinalWritesTest() {
    host.tables["items"] = &items_schema();
    host.backend_time = 100;
    restart();
    EXPECT_EQ(driver_->reset({item("1", "milk")}), "table items");
  }
  void restart() {
    driver_.reset();
    pattern_.reset();
    host.resumed.clear();
    pattern_ = std::make_unique<sqlite::SqlitePattern>(plain_parts(calls_));
    driver_ = std::make_unique<PatternDriver>(*pattern_, host);
    EXPECT_EQ(driver_->start(), "");
  }
  /// "confirmed" or "discarded" where the operations are these, "other", or "-".
  [[nodiscard]] std::string end_of(std::uint32_t number, const std::vector<Operation>& operations) {
    FinalWrites* remembered = final_writes(*pattern_);
    if (remembered == nullptr) return "no memory";
    const auto found = remembered->recall(sim::write_id(number));
    if (!found) return found.error().message;
    if (!found->write) return "-";
    if (found->write->digest != digest_of(operations)) return "other";
    return found->write->discarded ? "discarded" : "confirmed";
  }

  PlainRowsLog calls_;
  std::unique_ptr<sqlite::SqlitePattern> pattern_;
  std::unique_ptr<PatternDriver> driver_;
};

TEST_F(FinalWritesTest, AreThereFromTheStepThatEndsAWrite) {
  const std::vector<Operation> milk{update_item("1", "oat")};
  const std::vector<Operation> two{insert_item("2", "eggs"), remove_item("1")};
  driver_->write(1, milk);
  driver_->write(2, two);
  driver_->write(3, milk);
  EXPECT_EQ(end_of(1, milk), "-");
  driver_->acknowledged(1);
  EXPECT_EQ(end_of(1, milk), "-") << "the stream has yet to show it";
  driver_->batch(std::move(BatchSource{}.settles(1)));
  EXPECT_EQ(end_of(1, milk), "confirmed");
  driver_->acknowledged(2, true);
  driver_->rejected(3);
  EXPECT_EQ(end_of(3, milk), "-") << "it is kept with its operations";
  driver_->discarded(3);
  restart();
  EXPECT_EQ(end_of(1, milk), "confirmed");
  EXPECT_EQ(end_of(1, two), "other");
  EXPECT_EQ(end_of(2, two), "confirmed");
  EXPECT_EQ(end_of(3, milk), "discarded");
}

TEST_F(FinalWritesTest, AreNotThereWhenTheStepWasUndone) {
  const std::vector<Operation> milk{update_item("1", "oat")};
  driver_->write(1, milk);
  driver_->acknowledged(1);
  calls_.fail_in = "apply 0";
  EXPECT_NE(driver_->batch(std::move(BatchSource{}.settles(1))).find("error"), std::string::npos);
  EXPECT_EQ(end_of(1, milk), "-");
}

}  // namespace
}  // namespace patchbay::test
