// ShapeRegistry, CatalogueWatch and ShapesFile, with a catalogue and snapshots that the test
// answers: how shapes are made, fed and ended, and what the listener hears of it.
#include "embedded/sync/shape_registry.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "embedded/tuning.hpp"
#include "shape_fakes.hpp"
#include "sim/manual_clock.hpp"

namespace patchbay::embedded {
namespace {

using std::chrono::milliseconds;

/// The calls that were heard, one word each: "changed:items".
class RecordedEvents final : public ShapeListener {
 public:
  void shape_changed(const ShapeKey& key) override { note("changed:" + key.table.name); }
  void shape_ended(const ShapeKey& key, const std::string&) override {
    note("ended:" + key.table.name);
  }
  void shape_refused(const ShapeKey& key, const Refusal& refusal) override {
    note("refused:" + key.table.name + ":" + refusal.parameter);
  }
  void shape_unavailable(const ShapeKey& key, const std::string&,
                         std::chrono::seconds retry_after) override {
    note("unavailable:" + key.table.name + ":" + std::to_string(retry_after.count()));
  }
  void database_changed() override { note("database"); }

  std::string take() { return std::exchange(text_, {}); }

 private:
  void note(const std::string& event) { text_ += (text_.empty() ? "" : " ") + event; }
  std::string text_;
};

class ShapeRegistryTest : public testing::Test {
 protected:
  ShapeRegistryTest() {
    std::filesystem::remove(file_);
    make();
  }
  ~ShapeRegistryTest() override { std::filesystem::remove(file_); }

  /// Starts a service; the one before, if any, is gone with all it had set going.
  void make() {
    executor_.drop_all();
    clock_.drop_all();
    RegistryOptions options;
    options.limits = {1'000'000, 1'000'000};
    options.shapes_file = file_;
    options.tables = *ServedTables::parse({"*"});
    registry_.emplace(std::move(options), TableSource{catalogue_, snapshots_}, heard_, executor_,
                      clock_);
    registry_->start();
    executor_.run_all();
  }
  void connect(std::uint64_t lsn = 10, bool history_lost = false) {
    registry_->stream_started({lsn, history_lost, 0, "system", "publication"});
    executor_.run_all();
  }
  std::string serve(const TableDefinition& table) {
    registry_->request({table.name});
    catalogue_.answer(TableAnswer(table));
    executor_.run_all();
    snapshots_.answer(empty_snapshot_at(20));
    executor_.run_all();
    const Shape* shape = registry_->find({table.name});
    return shape != nullptr && shape->ready() ? shape->handle() : "";
  }
  void receive(const TransactionPtr& transaction) {
    registry_->transaction_received(transaction);
    executor_.run_all();
  }
  /// The next comparison with the catalogue, which answers the same state for all tables.
  void compare(const std::string& state) {
    clock_.advance(tuning::kCatalogueWatch, executor_);
    for (const auto& look : std::exchange(catalogue_.looks, {})) {
      std::vector<TableState> states;
      for (const auto table : look.tables) states.push_back({table, state});
      look.callback(states);
    }
    executor_.run_all();
  }

  const std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / ("shapes-" + std::to_string(getpid()) + ".json");
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeCatalogue catalogue_;
  FakeSnapshots snapshots_;
  RecordedEvents heard_;
  std::optional<ShapeRegistry> registry_;
  const TableDefinition items_ = table_named("items", 42);
  const TableDefinition other_ = table_named("other", 43);
};

TEST_F(ShapeRegistryTest, MakesAShapeOnceHoweverOftenItIsRequested) {
  connect();
  EXPECT_EQ(heard_.take(), "database");
  registry_->request(key_of("items"));
  registry_->request(key_of("items"));
  ASSERT_EQ(catalogue_.descriptions.size(), 1U);
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  EXPECT_EQ(snapshots_.jobs, std::vector<std::string>{"items"});
  EXPECT_FALSE(registry_->find(key_of("items"))->ready());
  snapshots_.answer(empty_snapshot_at(20));
  executor_.run_all();
  EXPECT_TRUE(registry_->find(key_of("items"))->ready());
  EXPECT_EQ(heard_.take(), "changed:items changed:items");
}

TEST_F(ShapeRegistryTest, TellsOfTheShapesOfATransactionsTablesAlone) {
  connect();
  serve(items_);
  serve(other_);
  heard_.take();
  receive(transaction_on(30, {items_}));
  EXPECT_EQ(heard_.take(), "changed:items");
  receive(transaction_on(40, {table_named("third", 44)}));
  EXPECT_EQ(heard_.take(), "");
  EXPECT_EQ(registry_->last_lsn(), 40U);
  receive(transaction_on(50, {other_, items_, items_}));
  const std::string both = heard_.take();
  EXPECT_TRUE(both == "changed:items changed:other" || both == "changed:other changed:items")
      << both;
  receive(transaction_on(50, {items_}));  // repeated after a reconnect
  EXPECT_EQ(heard_.take(), "");
  EXPECT_EQ(registry_->backlog_bytes(), 0U);
}

TEST_F(ShapeRegistryTest, EndsTheShapeOfATruncatedTable) {
  connect();
  serve(items_);
  serve(other_);
  heard_.take();
  auto truncate = std::make_shared<Transaction>();
  truncate->lsn = 30;
  truncate->unfollowed = {items_.id};
  receive(truncate);
  EXPECT_EQ(heard_.take(), "ended:items");
  EXPECT_EQ(registry_->find(key_of("items")), nullptr);
  EXPECT_NE(registry_->find(key_of("other")), nullptr);
}

TEST_F(ShapeRegistryTest, RefusesATableThatCannotBeServed) {
  connect();
  heard_.take();
  registry_->request(key_of("items"));
  catalogue_.answer(TableAnswer(tl::unexpected<Refusal>(Refusal{"table", "is a view"})));
  executor_.run_all();
  EXPECT_EQ(heard_.take(), "refused:items:table");
  const ShapeKey wrong{items_.name, Replica::only_changes, {"missing"}};
  registry_->request(wrong);
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  EXPECT_EQ(heard_.take(), "refused:items:columns");
  EXPECT_TRUE(snapshots_.jobs.empty());
}

TEST_F(ShapeRegistryTest, LetsARequestTryAgainOnceTheCatalogueDidNotAnswer) {
  connect();
  heard_.take();
  registry_->request(key_of("items"));
  catalogue_.answer(failure(ErrorCode::retry, "PostgreSQL failed."));
  executor_.run_all();
  EXPECT_EQ(heard_.take(), "");
  EXPECT_EQ(registry_->database().problem, "PostgreSQL failed.");
  clock_.advance(tuning::kDescribeRetry, executor_);
  EXPECT_EQ(heard_.take(), "changed:items");
}

TEST_F(ShapeRegistryTest, PausesATableThatCannotBeRead) {
  connect();
  registry_->request(key_of("items"));
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  heard_.take();
  snapshots_.answer(failure(ErrorCode::retry, "PostgreSQL failed."));
  executor_.run_all();
  EXPECT_EQ(heard_.take(), "unavailable:items:1");
  EXPECT_EQ(registry_->find(key_of("items")), nullptr);
  ASSERT_TRUE(registry_->pause(key_of("items")));
  EXPECT_EQ(registry_->troubles().size(), 1U);
  clock_.advance(tuning::kUnreadableDelayMin, executor_);
  EXPECT_FALSE(registry_->pause(key_of("items")));
  EXPECT_NE(serve(items_), "");
  EXPECT_TRUE(registry_->troubles().empty());
}

TEST_F(ShapeRegistryTest, LoadsAgainASnapshotTakenTooEarly) {
  connect();
  receive(transaction_on(15, {other_}));  // its id is 1015, which the snapshot does not see
  registry_->request(key_of("items"));
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  snapshots_.answer(empty_snapshot_at(20));
  executor_.run_all();
  EXPECT_FALSE(registry_->find(key_of("items"))->ready());
  EXPECT_EQ(snapshots_.jobs.size(), 1U);
  clock_.advance(tuning::kSnapshotRetry, executor_);
  EXPECT_EQ(snapshots_.jobs.size(), 2U);
}

TEST_F(ShapeRegistryTest, EndsAShapeOnRequestAndSaysWhetherThereWasOne) {
  connect();
  const std::string handle = serve(items_);
  heard_.take();
  EXPECT_TRUE(registry_->end(registry_->find(key_of("items"))->handle()));
  EXPECT_EQ(heard_.take(), "ended:items");
  EXPECT_FALSE(registry_->end(handle));
  EXPECT_EQ(heard_.take(), "");
}

TEST_F(ShapeRegistryTest, EndsTheShapesOfAlteredTables) {
  connect();
  serve(items_);
  heard_.take();
  compare("state");
  EXPECT_EQ(heard_.take(), "");
  compare("another state");
  EXPECT_EQ(heard_.take(), "ended:items");
  compare("another state");
  EXPECT_EQ(heard_.take(), "");
}

TEST_F(ShapeRegistryTest, SaysThatTheCatalogueHangs) {
  connect();
  clock_.advance(tuning::kCatalogueWatch, executor_);
  ASSERT_EQ(catalogue_.looks.size(), 1U);
  clock_.advance(tuning::kCataloguePatience, executor_);
  EXPECT_TRUE(registry_->troubles().empty());
  registry_->request(key_of("items"));
  catalogue_.answer(TableAnswer(items_));  // it answers something else meanwhile
  executor_.run_all();
  clock_.advance(tuning::kCataloguePatience, executor_);
  EXPECT_TRUE(registry_->troubles().empty());
  clock_.advance(milliseconds(1), executor_);
  EXPECT_EQ(registry_->troubles().size(), 1U);
  compare("state");
  EXPECT_TRUE(registry_->troubles().empty());
}

TEST_F(ShapeRegistryTest, ComparesNothingWithoutADatabase) {
  clock_.advance(tuning::kCatalogueWatch * 3, executor_);
  EXPECT_TRUE(catalogue_.looks.empty());
  connect();
  registry_->stream_lost(StreamTrouble::waiting, "Another service uses the slot.");
  executor_.run_all();
  EXPECT_EQ(heard_.take(), "database database");
  EXPECT_EQ(registry_->database().health(), Health::waiting);
  EXPECT_EQ(registry_->troubles().front().second, "Another service uses the slot.");
  clock_.advance(tuning::kCatalogueWatch * 3, executor_);
  EXPECT_TRUE(catalogue_.looks.empty());
}

TEST_F(ShapeRegistryTest, LetsManyTablesTakeTurns) {
  constexpr int kShapes = 100;
  connect();
  for (int number = 0; number < kShapes; ++number) {
    serve(table_named("t" + std::to_string(number), static_cast<std::uint32_t>(100 + number)));
  }
  std::set<std::uint32_t> compared;
  for (int round = 0; round < 2; ++round) {
    clock_.advance(tuning::kCatalogueWatch, executor_);
    ASSERT_EQ(catalogue_.looks.size(), 1U);
    EXPECT_EQ(catalogue_.looks.front().tables.size(), tuning::kWatchedTablesMax);
    for (const auto table : catalogue_.looks.front().tables) compared.insert(table);
    compare("state");
  }
  EXPECT_EQ(compared.size(), static_cast<std::size_t>(kShapes));
}

TEST_F(ShapeRegistryTest, EndsAllShapesWithTheHistoryOfTheStream) {
  connect();
  serve(items_);
  heard_.take();
  connect(500, true);
  EXPECT_EQ(heard_.take(), "ended:items database");
  EXPECT_EQ(registry_->confirmed(), 500U);
}

TEST_F(ShapeRegistryTest, ContinuesTheShapesOfTheServiceBefore) {
  connect();
  const std::string handle = serve(items_);
  const std::string changed = serve(other_);
  registry_->reached(60, true);
  executor_.run_all();
  EXPECT_EQ(registry_->confirmed(), 60U);
  heard_.take();
  make();
  EXPECT_EQ(registry_->kept().position, 60U);
  EXPECT_EQ(registry_->kept().system, "system");
  connect(60);
  ASSERT_EQ(catalogue_.descriptions.size(), 2U);
  for (const auto& asked : std::exchange(catalogue_.descriptions, {})) {
    TableDefinition now = asked.table == items_.name ? items_ : other_;
    if (asked.table == other_.name) now.state = "altered";
    asked.callback(TableAnswer(now));
  }
  executor_.run_all();
  EXPECT_TRUE(registry_->find(key_of("items"))->ready());
  EXPECT_EQ(registry_->find(key_of("items"))->handle(), handle);
  EXPECT_NE(heard_.take().find("ended:other"), std::string::npos);
  EXPECT_FALSE(registry_->end(changed));
}

TEST_F(ShapeRegistryTest, ConfirmsAMomentLateUnlessTheServerWaits) {
  connect(10);
  registry_->reached(60, false);
  registry_->reached(70, false);
  executor_.run_all();
  EXPECT_EQ(registry_->confirmed(), 60U);
  registry_->reached(80, true);
  executor_.run_all();
  EXPECT_EQ(registry_->confirmed(), 80U);
}

TEST_F(ShapeRegistryTest, ConfirmsEverythingWithoutAFile) {
  const ShapeStore store({1'000'000, 1'000'000});
  ShapesFile none("", store, executor_, clock_);
  none.write_at(5);
  none.reached(10, true);
  EXPECT_EQ(none.confirmed(), UINT64_MAX);
}

TEST_F(ShapeRegistryTest, WritesTheFileOnceForManyNewShapes) {
  connect();
  for (int number = 0; number < 40; ++number) {
    serve(table_named("t" + std::to_string(number), static_cast<std::uint32_t>(100 + number)));
  }
  EXPECT_EQ(load_kept_shapes(file_).shapes.size(), 32U);
  clock_.advance(tuning::kKeepDelay, executor_);
  EXPECT_EQ(load_kept_shapes(file_).shapes.size(), 40U);
  serve(items_);
  registry_->finish();
  EXPECT_EQ(load_kept_shapes(file_).shapes.size(), 41U);
}

}  // namespace
}  // namespace patchbay::embedded
