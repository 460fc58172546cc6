// A shape whose log is longer than its bound: who stays, who fetches again, under which handle, and
// what all that holds in memory.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "embedded/sync/shape.hpp"
#include "embedded/tuning.hpp"
#include "shape_fakes.hpp"

namespace patchbay::embedded {
namespace {

constexpr ShapeLimits kSmall{4'000, 20'000};

/// A transaction that inserts the row `id`, some 250 bytes as a message.
TransactionPtr insert_of_row(int id, std::uint64_t lsn, std::uint32_t txid) {
  const auto transaction = transaction_on(lsn, {table_named("items", 42)});
  auto made = std::make_shared<Transaction>(*transaction);
  made->txid = txid;
  made->changes[0].row.new_row = {{Cell::Kind::text, std::to_string(id)},
                                  {Cell::Kind::text, std::string(60, 'x')}};
  return made;
}

/// A database of one table, its stream, and its shape. Rows are numbered from 0.
class FollowedTable {
 public:
  explicit FollowedTable(ShapeLimits limits)
      : limits_(limits), shape_("h0", table_named("items", 42), Replica::only_changes, limits) {}

  Shape& shape() { return shape_; }
  [[nodiscard]] int rows() const { return static_cast<int>(committed_.size()); }
  [[nodiscard]] bool all_delivered() const { return delivered_ == committed_.size(); }
  [[nodiscard]] std::size_t log_bytes_max() const { return limits_.log_bytes_max; }

  /// A transaction begins, and ends later: its id is older than those of others committed before.
  void begin() { open_.push_back(next_txid_++); }
  void commit(std::size_t which) {
    const auto at = open_.begin() + static_cast<std::ptrdiff_t>(which % open_.size());
    committed_.push_back({*at, lsn_ += 10});
    open_.erase(at);
  }
  /// The stream brings one transaction.
  std::optional<ShapeEnd> deliver() {
    const auto [txid, lsn] = committed_[delivered_];
    const int id = static_cast<int>(delivered_++);
    return shape_.add(insert_of_row(id, lsn, txid));
  }
  /// One row, committed and delivered.
  void write() {
    begin();
    commit(open_.size() - 1);
    ASSERT_EQ(deliver(), std::nullopt);
  }
  void write_bytes(std::size_t bytes) {
    for (std::size_t row = 0; row * 250 < bytes; ++row) write();
  }
  /// The snapshot is taken now; its rows are in chunks of `chunk_rows`.
  void take_snapshot(int chunk_rows = 10'000) {
    taken_ = {};
    taken_.lsn_after = lsn_ + 1;
    taken_.table_state = "state";
    taken_.visibility = {open_.empty() ? next_txid_ : *std::ranges::min_element(open_),
                         next_txid_,
                         {open_.begin(), open_.end()}};
    for (int id = 0; id < rows(); ++id) {
      if (id % chunk_rows == 0) taken_.chunks.emplace_back();
      taken_.chunks.back() += "\"id\":\"" + std::to_string(id) + "\",";
    }
    taken_.chunks.push_back(taken_.visibility.snapshot_end_message());
  }
  std::optional<ShapeEnd> complete() { return shape_.complete(std::move(taken_)); }
  void load() {
    take_snapshot();
    ASSERT_EQ(complete(), std::nullopt);
  }

 private:
  ShapeLimits limits_;
  Shape shape_;
  std::uint32_t next_txid_ = 1'000;
  std::uint64_t lsn_ = 100;
  std::vector<std::uint32_t> open_;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> committed_;
  std::size_t delivered_ = 0;
  LoadedSnapshot taken_;
};

/// A client: the rows that it has, and how often each came.
class Client {
 public:
  explicit Client(Shape& shape) : shape_(&shape), handle_(shape.handle()) {}

  /// One request. False: the shape has lost what follows, as 409 says.
  bool step() {
    if (!shape_->has_handle(handle_) || shape_->has_lost(handle_, offset_)) return false;
    const auto page = shape_->read(handle_, offset_);
    EXPECT_NE(page.kind, ShapePage::Kind::out_of_bounds);
    at_end_ = page.at_end;
    offset_ = page.reached;
    static constexpr std::string_view kId = "\"id\":\"";
    for (std::size_t at = page.messages.find(kId); at != std::string::npos;
         at = page.messages.find(kId, at + 1)) {
      ++rows_[std::stoi(page.messages.substr(at + kId.size()))];
    }
    return true;
  }
  bool catch_up() {
    do {
      if (!step()) return false;
    } while (!at_end_);
    return true;
  }
  /// True when each of the rows came once.
  [[nodiscard]] bool has_rows(int count) const {
    return static_cast<int>(rows_.size()) == count &&
           std::ranges::all_of(rows_, [](const auto& row) { return row.second == 1; });
  }
  [[nodiscard]] const std::string& handle() const { return handle_; }
  [[nodiscard]] const ShapeOffset& offset() const { return offset_; }

 private:
  Shape* shape_;
  std::string handle_;
  ShapeOffset offset_;
  bool at_end_ = false;
  std::map<int, int> rows_;
};

TEST(ShapeLogBound, LetsAFollowerAtTheEndStayWhateverGoes) {
  FollowedTable table(kSmall);
  table.load();
  Client follower(table.shape());
  ASSERT_TRUE(follower.catch_up());
  for (int round = 0; round < 200; ++round) {
    table.write_bytes(2'000);
    ASSERT_TRUE(follower.catch_up()) << round;
    ASSERT_LE(table.shape().bytes(), 1.2 * kSmall.log_bytes_max);
  }
  EXPECT_TRUE(follower.has_rows(table.rows()));
  EXPECT_EQ(table.shape().handle(), "h0");
}

/// One transaction may be longer than the whole log.
TEST(ShapeLogBound, LetsAFollowerAtTheEndReadATransactionOfAnySize) {
  FollowedTable table(kSmall);
  table.load();
  Client follower(table.shape());
  ASSERT_TRUE(follower.catch_up());
  for (std::uint64_t lsn = 10'000; lsn < 10'005; ++lsn) {
    auto large = std::make_shared<Transaction>(*insert_of_row(0, lsn, 5'000));
    while (large->changes.size() < 2'000) large->changes.push_back(large->changes.front());
    ASSERT_EQ(table.shape().add(large), std::nullopt);
    ASSERT_TRUE(follower.catch_up());
  }
}

TEST(ShapeLogBound, GivesWhoStartsANewHandleBesideTheOldOne) {
  FollowedTable table(kSmall);
  table.load();
  Client first(table.shape());
  Client late(table.shape());
  ASSERT_TRUE(first.catch_up() && late.step());
  std::vector<Client> followers{first};
  for (int number = 1; number <= 5; ++number) {
    for (int round = 0; round < 40; ++round) {
      table.write_bytes(4'000);
      for (auto& follower : followers) ASSERT_TRUE(follower.catch_up());
    }
    EXPECT_TRUE(table.shape().has_lost(table.shape().handle(), ShapeOffset{}));
    table.shape().renew("h" + std::to_string(number));
    for (auto& follower : followers) ASSERT_TRUE(follower.catch_up());
    table.load();
    followers.emplace_back(table.shape());
    ASSERT_TRUE(followers.back().catch_up());
  }
  for (const auto& follower : followers) EXPECT_TRUE(follower.has_rows(table.rows()));
  EXPECT_EQ(followers.front().handle(), "h0");
  EXPECT_EQ(followers.back().handle(), "h5");
  EXPECT_FALSE(late.step());
}

TEST(ShapeLogBound, KeepsWhatALoadingShapeWillRead) {
  FollowedTable table(kSmall);
  table.write_bytes(5'000);
  table.take_snapshot();
  table.write_bytes(10 * kSmall.log_bytes_max);
  ASSERT_EQ(table.complete(), std::nullopt);
  Client follower(table.shape());
  ASSERT_TRUE(follower.catch_up());
  EXPECT_TRUE(follower.has_rows(table.rows()));
  table.write_bytes(kSmall.log_bytes_max);
  EXPECT_LE(table.shape().bytes(), 1.2 * kSmall.log_bytes_max);
}

TEST(ShapeLogBound, EndsALoadingShapeThatGrowsBeyondAllMeasure) {
  FollowedTable table(kSmall);
  std::optional<ShapeEnd> end;
  for (int row = 0; !end && row < 100'000; ++row) {
    table.begin();
    table.commit(0);
    end = table.deliver();
  }
  EXPECT_EQ(end, ShapeEnd::log_too_large);
  EXPECT_GE(table.shape().bytes(), tuning::kLogHeld * kSmall.log_bytes_max);
}

TEST(ShapeLogBound, DropsWhatTheSnapshotHasThatTheStreamBringsLate) {
  FollowedTable table(kSmall);
  for (int row = 0; row < 1'000; ++row) {
    table.begin();
    table.commit(0);
  }
  for (int row = 0; row < 500; ++row) ASSERT_EQ(table.deliver(), std::nullopt);
  table.load();
  EXPECT_LE(table.shape().bytes(), 20'000U);  // the snapshot, and a piece at most
  while (!table.all_delivered()) ASSERT_EQ(table.deliver(), std::nullopt);
  Client follower(table.shape());
  ASSERT_TRUE(follower.catch_up());
  EXPECT_TRUE(follower.has_rows(1'000));
}

TEST(ShapeLogBound, WaitsForASlowReaderOfTheSnapshotAndOfTheLog) {
  for (const std::size_t between : {kSmall.log_bytes_max / 2, 2 * kSmall.log_bytes_max}) {
    FollowedTable table(kSmall);
    for (int row = 0; row < 70; ++row) table.write();
    table.take_snapshot(10);
    ASSERT_EQ(table.complete(), std::nullopt);
    Client quick(table.shape());
    Client slow(table.shape());
    for (int request = 0; request < 7; ++request) {
      ASSERT_TRUE(slow.step()) << request;
      table.write_bytes(between);
      ASSERT_TRUE(quick.catch_up());
    }
    ASSERT_TRUE(slow.catch_up()) << between;
    EXPECT_TRUE(slow.has_rows(table.rows()));
    EXPECT_TRUE(quick.has_rows(table.rows()));
  }
}

TEST(ShapeLogBound, DoesNotWaitForAReaderThatVanished) {
  FollowedTable table(kSmall);
  for (int row = 0; row < 70; ++row) table.write();
  table.take_snapshot(10);
  ASSERT_EQ(table.complete(), std::nullopt);
  Client vanishing(table.shape());
  Client behind(table.shape());
  ASSERT_TRUE(vanishing.step());
  ASSERT_TRUE(behind.catch_up());
  table.write_bytes((tuning::kReaderPatience + 2) * kSmall.log_bytes_max);
  EXPECT_LE(table.shape().bytes(), 1.2 * kSmall.log_bytes_max);
  EXPECT_FALSE(vanishing.step());
  EXPECT_FALSE(behind.step());
}

TEST(ShapeLogBound, GivesUpAReaderThatIsFarTooSlow) {
  FollowedTable table(kSmall);
  table.load();
  Client slow(table.shape());
  std::size_t most = 0;
  int requests = 0;
  while (slow.step() && requests < 1'000) {
    ++requests;
    table.write_bytes(3 * kSmall.log_bytes_max);
    most = std::max(most, table.shape().bytes());
  }
  EXPECT_LT(requests, 1'000);
  EXPECT_LE(most, 1.1 * tuning::kLogHeld * kSmall.log_bytes_max);
  EXPECT_GE(most, 0.8 * tuning::kLogHeld * kSmall.log_bytes_max);
}

TEST(ShapeLogBound, LeavesEveryHandleToTheSuccessor) {
  FollowedTable table(kSmall);
  table.load();
  Client first(table.shape());
  for (int round = 0; round < 40; ++round) {
    table.write_bytes(4'000);
    ASSERT_TRUE(first.catch_up());
  }
  table.shape().renew("h1");
  EXPECT_EQ(table.shape().kept_at(UINT64_MAX).size(), 1U);
  table.load();
  Client second(table.shape());
  ASSERT_TRUE(second.catch_up());
  const auto kept = table.shape().kept_at(UINT64_MAX);
  ASSERT_EQ(kept.size(), 2U);
  const TableDefinition definition = table_named("items", 42);
  Shape idle(kept[0], kSmall);
  idle.add_kept(kept[1]);
  ASSERT_EQ(idle.resume(definition), std::nullopt);
  for (auto* client : {&first, &second}) {
    ASSERT_FALSE(idle.has_lost(client->handle(), client->offset()));
    EXPECT_EQ(idle.read(client->handle(), client->offset()).kind, ShapePage::Kind::nothing_new);
  }
  Shape successor(kept[0], kSmall);
  successor.add_kept(kept[1]);
  EXPECT_TRUE(successor.awaits_table());
  ASSERT_EQ(successor.add(insert_of_row(table.rows(), 1'000'000, 100'000)), std::nullopt);
  ASSERT_EQ(successor.resume(definition), std::nullopt);
  for (auto* client : {&first, &second}) {
    ASSERT_FALSE(successor.has_lost(client->handle(), client->offset()));
    const auto page = successor.read(client->handle(), client->offset());
    EXPECT_NE(page.messages.find("\"id\":\"" + std::to_string(table.rows()) + "\""),
              std::string::npos);
  }
  EXPECT_TRUE(successor.has_lost("h1", ShapeOffset{}));
  EXPECT_EQ(successor.handle(), "h1");
}

TEST(ShapeLogBound, ForgetsTheOldestOfTooManyHandles) {
  FollowedTable table(kSmall);
  table.load();
  for (std::size_t number = 1; number < tuning::kHandlesMax; ++number) {
    EXPECT_EQ(table.shape().renew("h" + std::to_string(number)), std::nullopt);
    table.load();
  }
  EXPECT_EQ(table.shape().renew("last"), "h0");
  EXPECT_FALSE(table.shape().has_handle("h0"));
}

/// Clients that start, step, fall behind and vanish, while rows are written, the stream is behind,
/// and snapshots are taken: each client that was told nothing else has every row once.
TEST(ShapeLogBound, GivesEveryClientEveryRowOnceInAnyOrderOfEvents) {
  int checked = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t end) { return random() % end; };
    FollowedTable table({1'000, 5'000});
    Shape& shape = table.shape();
    std::vector<Client> clients;
    bool taken = false;
    int renewed = 0;
    for (int event = 0; event < 1'500; ++event) {
      const std::size_t what = below(20);
      if (what < 6) {
        table.begin();
      } else if (what < 12) {
        table.begin();
        table.commit(below(1'000));
      } else if (what < 16) {
        for (std::size_t count = below(6); count > 0 && !table.all_delivered(); --count) {
          ASSERT_EQ(table.deliver(), std::nullopt);
        }
      } else if (what == 16 && shape.loading()) {
        if (taken) {
          ASSERT_EQ(table.complete(), std::nullopt);
        } else {
          table.take_snapshot(1 + static_cast<int>(below(50)));
        }
        taken = !taken;
      } else if (what == 17 && !shape.loading()) {
        if (!shape.has_lost(shape.handle(), ShapeOffset{})) {
          clients.emplace_back(shape);
        } else {
          shape.renew("h" + std::to_string(++renewed));
        }
      } else if (!clients.empty()) {
        const std::size_t which = below(clients.size());
        if (!clients[which].step() || below(100) == 0) {
          clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(which));
        }
      }
    }
    while (!table.all_delivered()) ASSERT_EQ(table.deliver(), std::nullopt);
    int whole = 0;
    for (auto& client : clients) {
      if (!client.catch_up()) continue;
      ++whole;
      EXPECT_TRUE(client.has_rows(table.rows())) << "seed " << seed;
    }
    EXPECT_GT(renewed, 0) << "seed " << seed;
    checked += whole;
  }
  EXPECT_GT(checked, 0) << "all clients were told to start again";
}

/// Of the allocator, in use.
std::size_t bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(ShapeMemory, IsHardlyMoreThanItsMessages) {
  struct Held {
    double memory = 0;
    double messages = 0;
  };
  const auto held_by = [](int rows) {
    constexpr ShapeLimits kLarge{10U << 20U, 64U << 20U};
    const std::size_t before = bytes_in_use();
    Shape shape("handle", table_named("items", 42), Replica::only_changes, kLarge);
    EXPECT_EQ(shape.complete(empty_snapshot_at(5)), std::nullopt);
    std::size_t messages = 0;
    for (int row = 1; row <= rows; ++row) {
      EXPECT_EQ(shape.add(insert_of_row(row, 10 + static_cast<std::uint64_t>(row), 5'000)),
                std::nullopt);
    }
    const double memory = static_cast<double>(bytes_in_use() - before);
    ShapeOffset offset{ShapeOffset::Kind::snapshot, 0, ShapeOffset::kWholeSnapshot};
    for (bool at_end = false; !at_end;) {
      const auto page = shape.read("handle", offset);
      messages += page.messages.size();
      offset = page.reached;
      at_end = page.at_end;
    }
    return Held{memory, static_cast<double>(messages)};
  };
  const Held once = held_by(15'000);
  const Held twice = held_by(30'000);
  EXPECT_LE(once.memory, 1.2 * once.messages);
  EXPECT_LE(twice.memory, 1.2 * twice.messages);
  EXPECT_LE(twice.memory, 2.2 * once.memory);
}

}  // namespace
}  // namespace patchbay::embedded
