// A shape whose log no longer reaches back to its snapshot, from request to answer: a client that
// starts gets a new snapshot, and those that follow notice nothing.
#include <gtest/gtest.h>

#include "embedded/sync/shape_reader.hpp"
#include "embedded/tuning.hpp"
#include "shape_fakes.hpp"
#include "sim/manual_clock.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::embedded {
namespace {

using std::chrono::milliseconds;

class RenewedShapeTest : public testing::Test {
 protected:
  RenewedShapeTest() {
    executor_.run_all();
    registry_.stream_started({10, false, 0, "system", "publication"});
    executor_.run_all();
  }

  static RegistryOptions options() {
    RegistryOptions options;
    options.limits = {1'000, 2'000};
    return options;
  }
  /// The answers of the catalogue and of the snapshots, as far as they are asked.
  void load(const Result<LoadedSnapshot>& snapshot) {
    catalogue_.answer(TableAnswer(items_));
    executor_.run_all();
    snapshots_.answer(snapshot);
    executor_.run_all();
  }
  std::shared_ptr<RecordedReply> ask(const ShapeRequest& request) {
    auto reply = std::make_shared<RecordedReply>();
    waiting_.add(request, Caller(net::ServerRequest{}, reply, origins_), reader_);
    executor_.run_all();
    return reply;
  }
  static ShapeRequest start() {
    ShapeRequest request;
    request.key = key_of("items");
    return request;
  }
  static ShapeRequest poll(const net::HttpResponse& before) {
    ShapeRequest request = start();
    request.handle = before.headers.get("electric-handle");
    request.offset = *parse_offset(before.headers.get("electric-offset"));
    request.live = true;
    return request;
  }
  static std::string handle_of(const net::HttpResponse& answer) {
    return std::string(answer.headers.get("electric-handle"));
  }
  /// Writes until the snapshot is gone, with a follower at the end. Returns its last answer.
  net::HttpResponse outgrow(net::HttpResponse answer) {
    for (int row = 0; row < 60; ++row) {
      const auto waits = ask(poll(answer));
      receive(row_at(lsn_ += 10));
      EXPECT_TRUE(waits->answer && waits->answer->status == 200) << row;
      if (waits->answer) answer = *waits->answer;
    }
    return answer;
  }
  /// A snapshot with everything written until now.
  [[nodiscard]] LoadedSnapshot snapshot_now() const {
    auto snapshot = empty_snapshot_at(lsn_ + 1);
    snapshot.visibility = {1'000'000, 1'000'000, {}};
    return snapshot;
  }
  TransactionPtr row_at(std::uint64_t lsn) { return transaction_on(lsn, {items_}); }
  void receive(const TransactionPtr& transaction) {
    registry_.transaction_received(transaction);
    executor_.run_all();
  }
  /// The shape loaded and outgrown, and a client that has started since and waits for its snapshot.
  void outgrow_and_start() {
    const auto first = ask(start());
    load(empty_snapshot_at(20));
    follower_ = outgrow(*first->answer);
    starting_ = ask(start());
    EXPECT_FALSE(starting_->answer);
  }

  const std::vector<std::string> origins_;
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeCatalogue catalogue_;
  FakeSnapshots snapshots_;
  WaitingRequests waiting_{executor_, clock_, milliseconds(20'000)};
  ShapeRegistry registry_{options(), {catalogue_, snapshots_}, waiting_, executor_, clock_};
  ShapeReader reader_{registry_, clock_, milliseconds(20'000)};
  const TableDefinition items_ = table_named("items", 42);
  std::uint64_t lsn_ = 100;
  net::HttpResponse follower_;
  std::shared_ptr<RecordedReply> starting_;
};

TEST_F(RenewedShapeTest, ServesOldAndNewFollowersEachUnderItsHandle) {
  outgrow_and_start();
  const auto polls = ask(poll(follower_));
  load(snapshot_now());
  ASSERT_TRUE(starting_->answer);
  EXPECT_EQ(starting_->answer->status, 200);
  EXPECT_NE(handle_of(*starting_->answer), handle_of(follower_));
  EXPECT_FALSE(polls->answer) << "a follower heard of the new snapshot";
  const auto new_polls = ask(poll(*starting_->answer));
  EXPECT_FALSE(new_polls->answer);
  receive(row_at(lsn_ += 10));
  ASSERT_TRUE(polls->answer && new_polls->answer);
  EXPECT_EQ(polls->answer->status, 200);
  EXPECT_EQ(handle_of(*polls->answer), handle_of(follower_));
  EXPECT_EQ(handle_of(*new_polls->answer), handle_of(*starting_->answer));
  EXPECT_EQ(polls->answer->body, new_polls->answer->body);
}

TEST_F(RenewedShapeTest, ReadsTheTableOnceForAllThatStart) {
  outgrow_and_start();
  const std::size_t before = snapshots_.jobs.size();
  std::vector<std::shared_ptr<RecordedReply>> others;
  for (int number = 0; number < 50; ++number) others.push_back(ask(start()));
  load(snapshot_now());
  EXPECT_EQ(snapshots_.jobs.size(), before + 1);
  for (const auto& other : others) {
    EXPECT_EQ(handle_of(*other->answer), handle_of(*starting_->answer));
  }
  EXPECT_EQ(ask(start())->answer->status, 200);
  EXPECT_EQ(snapshots_.jobs.size(), before + 1);
}

TEST_F(RenewedShapeTest, LeavesTheFollowersWhenTheTableCannotBeRead) {
  outgrow_and_start();
  const auto polls = ask(poll(follower_));
  load(failure(ErrorCode::retry, "PostgreSQL failed."));
  EXPECT_EQ(starting_->answer->status, 503);
  EXPECT_EQ(ask(start())->answer->status, 503);
  EXPECT_FALSE(polls->answer);
  receive(row_at(lsn_ += 10));
  EXPECT_EQ(polls->answer->status, 200);
  clock_.advance(tuning::kUnreadableDelayMin, executor_);
  const auto again = ask(start());
  load(snapshot_now());
  EXPECT_EQ(again->answer->status, 200);
}

TEST_F(RenewedShapeTest, EndsForAllWhenTheTableWasAltered) {
  outgrow_and_start();
  const auto polls = ask(poll(follower_));
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  snapshots_.answer(failure(ErrorCode::rejected, "It was altered."));
  executor_.run_all();
  EXPECT_EQ(polls->answer->status, 409);
  EXPECT_FALSE(starting_->answer);
  load(snapshot_now());
  EXPECT_EQ(starting_->answer->status, 200);
}

TEST_F(RenewedShapeTest, EndsForAllWhenTheNewSnapshotIsOfAnotherState) {
  outgrow_and_start();
  const auto polls = ask(poll(follower_));
  auto other = snapshot_now();
  other.table_state = "another";
  load(other);
  EXPECT_EQ(polls->answer->status, 409);
}

TEST_F(RenewedShapeTest, EndsForAllByDeleteOfAnyHandle) {
  outgrow_and_start();
  load(snapshot_now());
  const auto old_polls = ask(poll(follower_));
  const auto new_polls = ask(poll(*starting_->answer));
  EXPECT_TRUE(registry_.end(handle_of(follower_)));
  EXPECT_EQ(old_polls->answer->status, 409);
  EXPECT_EQ(new_polls->answer->status, 409);
  EXPECT_FALSE(registry_.end(handle_of(*starting_->answer)));
}

TEST_F(RenewedShapeTest, SendsWhoIsTooFarBehindToRefetch) {
  const auto first = ask(start());
  load(empty_snapshot_at(20));
  const ShapeRequest behind = poll(*first->answer);
  outgrow(*first->answer);
  EXPECT_EQ(ask(behind)->answer->status, 409);
}

TEST_F(RenewedShapeTest, SaysWhyAShapeEnds) {
  const auto ends = [this](const std::function<void()>& event) {
    const auto starts = ask(start());
    load(snapshot_now());
    EXPECT_TRUE(starts->answer);
    test::LoggedLines log;
    event();
    return log.take();
  };
  const auto unfollowed = [this](bool too_large) {
    auto transaction = std::make_shared<Transaction>();
    transaction->lsn = lsn_ += 10;
    transaction->unfollowed = {items_.id};
    transaction->too_large = too_large;
    receive(transaction);
  };
  EXPECT_NE(ends([&] { unfollowed(false); }).find("its table was truncated"), std::string::npos);
  const std::string size = ends([&] { unfollowed(true); });
  EXPECT_EQ(size.find("[warning] [sync-service] The shape "), 0U) << size;
  EXPECT_NE(size.find("of table \"public\".\"items\" ends, for one transaction changed more"),
            std::string::npos)
      << size;
  const auto waits = ask(start());
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  test::LoggedLines log;
  for (int row = 0; row < 1'000; ++row) receive(row_at(lsn_ += 10));
  EXPECT_NE(log.take().find("[warning]"), std::string::npos);
  EXPECT_FALSE(waits->answer);
}

}  // namespace
}  // namespace patchbay::embedded
