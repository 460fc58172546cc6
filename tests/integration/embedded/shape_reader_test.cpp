// ShapeReader on a registry whose catalogue and snapshots the test answers: what a request gets,
// what it waits for, and which requests a transaction looks at.
#include "embedded/sync/shape_reader.hpp"

#include <gtest/gtest.h>

#include "embedded/tuning.hpp"
#include "shape_fakes.hpp"
#include "sim/manual_clock.hpp"

namespace patchbay::embedded {
namespace {

using std::chrono::milliseconds;

/// Counts the requests that are looked at.
class CountingReader final : public RequestReader {
 public:
  explicit CountingReader(RequestReader& reader) : reader_(reader) {}

  tl::expected<net::HttpResponse, Wait> read(const ShapeRequest& request, Wait wait) override {
    ++looked_at;
    return reader_.read(request, wait);
  }
  net::HttpResponse read_late(const ShapeRequest& request, Wait wait) override {
    return reader_.read_late(request, wait);
  }

  int looked_at = 0;

 private:
  RequestReader& reader_;
};

class ShapeReaderTest : public testing::Test {
 protected:
  ShapeReaderTest() { executor_.run_all(); }

  static RegistryOptions options() {
    RegistryOptions options;
    options.limits = {1'000'000, 1'000'000};
    return options;
  }
  void connect() {
    registry_.stream_started({10, false, 0, "system", "publication"});
    executor_.run_all();
  }
  const Shape& serve(const TableDefinition& table) {
    registry_.request({table.name});
    catalogue_.answer(TableAnswer(table));
    executor_.run_all();
    snapshots_.answer(empty_snapshot_at(20));
    executor_.run_all();
    return *registry_.find({table.name});
  }
  static ShapeRequest from_start() {
    ShapeRequest request;
    request.key = key_of("items");
    return request;
  }
  /// A long poll at the end of the shape's log.
  static ShapeRequest poll(const Shape& shape) {
    ShapeRequest request;
    request.key = {shape.table().name};
    request.handle = shape.handle();
    request.offset = {ShapeOffset::Kind::snapshot, 0, ShapeOffset::kWholeSnapshot};
    request.live = true;
    return request;
  }
  /// "200", "409", …, or "waits:<what for>".
  std::string read(const ShapeRequest& request, Wait wait = Wait::nothing) {
    const auto answer = reader_.read(request, wait);
    if (answer) return std::to_string(answer->status);
    return "waits:" + std::to_string(static_cast<int>(answer.error()));
  }
  static std::string waits(Wait wait) { return "waits:" + std::to_string(static_cast<int>(wait)); }

  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeCatalogue catalogue_;
  FakeSnapshots snapshots_;
  WaitingRequests waiting_{executor_, clock_, milliseconds(20'000)};
  ShapeRegistry registry_{options(), {catalogue_, snapshots_}, waiting_, executor_, clock_};
  ShapeReader reader_{registry_, clock_, milliseconds(20'000)};
  const TableDefinition items_ = table_named("items", 42);
};

TEST_F(ShapeReaderTest, WaitsForTheDatabaseThenTheShapeThenChanges) {
  EXPECT_EQ(read(from_start()), waits(Wait::database));
  EXPECT_TRUE(catalogue_.descriptions.empty());
  connect();
  EXPECT_EQ(read(from_start()), waits(Wait::shape));
  EXPECT_EQ(catalogue_.descriptions.size(), 1U);
  const Shape& shape = serve(items_);
  EXPECT_EQ(read(from_start()), "200");
  EXPECT_EQ(read(poll(shape)), waits(Wait::changes));
  ShapeRequest beyond = poll(shape);
  beyond.offset = {ShapeOffset::Kind::log, 1'000, 0};
  EXPECT_EQ(read(beyond), waits(Wait::bounds));
  ShapeRequest other_handle = poll(shape);
  other_handle.handle = "another";
  EXPECT_EQ(read(other_handle), "409");
  registry_.stream_lost(StreamTrouble::starting, "The connection was lost.");
  executor_.run_all();
  EXPECT_EQ(read(poll(shape), Wait::changes), waits(Wait::recovery));
  EXPECT_EQ(read(poll(shape), Wait::recovery), waits(Wait::recovery));
  EXPECT_EQ(read(poll(shape)), waits(Wait::database));
}

TEST_F(ShapeReaderTest, SaysAfterTheWaitWhatWasWaitedFor) {
  connect();
  const Shape& shape = serve(items_);
  const auto late = [&](Wait wait) {
    const auto answer = reader_.read_late(poll(shape), wait);
    return std::to_string(answer.status) + " " + std::string(answer.headers.get("retry-after"));
  };
  EXPECT_EQ(late(Wait::changes), "200 ");
  EXPECT_EQ(late(Wait::bounds), "400 ");
  EXPECT_EQ(late(Wait::shape), "503 5");
  EXPECT_EQ(late(Wait::database), "503 5");
  EXPECT_EQ(late(Wait::recovery), "503 1");
}

TEST_F(ShapeReaderTest, AnswersForATableThatCannotBeReadWithoutReadingIt) {
  connect();
  registry_.request(key_of("items"));
  catalogue_.answer(TableAnswer(items_));
  executor_.run_all();
  snapshots_.answer(failure(ErrorCode::retry, "PostgreSQL failed."));
  executor_.run_all();
  EXPECT_EQ(read(from_start()), "503");
  EXPECT_TRUE(catalogue_.descriptions.empty());
  clock_.advance(tuning::kUnreadableDelayMin, executor_);
  EXPECT_EQ(read(from_start()), waits(Wait::shape));
  EXPECT_EQ(catalogue_.descriptions.size(), 1U);
}

TEST_F(ShapeReaderTest, ATransactionLooksAtNoRequestForAnotherTable) {
  connect();
  const TableDefinition other = table_named("other", 43);
  const ShapeRequest poll_items = poll(serve(items_));
  const ShapeRequest poll_other = poll(serve(other));
  const std::vector<std::string> origins;
  CountingReader reader(reader_);
  const auto add = [&](const ShapeRequest& request, int count) {
    std::shared_ptr<RecordedReply> last;
    for (int number = 0; number < count; ++number) {
      last = std::make_shared<RecordedReply>();
      waiting_.add(request, Caller(net::ServerRequest{}, last, origins), reader);
    }
    return last;
  };
  std::uint64_t lsn = 100;
  const auto looks_of_a_transaction = [&] {
    // Polls of the table changed first are answered by it: each time new ones, at the end.
    ShapeRequest request = poll_items;
    if (lsn > 100) request.offset = {ShapeOffset::Kind::log, lsn - 10, 0};
    const auto reply = add(request, 3);
    reader.looked_at = 0;
    registry_.transaction_received(transaction_on(lsn, {items_}));
    lsn += 10;
    executor_.run_all();
    EXPECT_TRUE(reply->answer);
    return reader.looked_at;
  };
  constexpr int kOthers = 500;
  add(poll_other, kOthers);
  const int once = looks_of_a_transaction();
  add(poll_other, kOthers);
  const int twice = looks_of_a_transaction();
  EXPECT_EQ(waiting_.size(), 2U * kOthers);
  EXPECT_EQ(once, 3);
  EXPECT_EQ(twice, once) << "grows with the requests for other tables";
}

}  // namespace
}  // namespace patchbay::embedded
