// Bulk loads against the bound of a shape's log, on PostgreSQL: followers at the end stay, slow
// ones get through, who starts gets a snapshot; and what a shape holds in memory, and gives back.
#include <malloc.h>

#include <fstream>
#include <set>

#include "strict_follower.hpp"

namespace patchbay::test {
namespace {

class SyncBulk : public SyncTest {
 protected:
  SyncBulk() {
    options_.chunk_bytes_max = 100'000;
    options_.log_bytes_max = 500'000;
    sql_.run("create table items (id serial primary key, title text)");
  }
  ~SyncBulk() override {
    client_.reset();
    service_.reset();
    std::filesystem::remove(shapes_file());
  }

  [[nodiscard]] std::string shapes_file() const {
    return testing::TempDir() + "/bulk-" + database_.name() + ".json";
  }
  /// About as many bytes of messages, in one transaction.
  void write(std::size_t bytes) {
    sql_.run("insert into items (title) select repeat('x', 800) from generate_series(1, " +
             std::to_string(bytes / 1'000) + ")");
  }
  std::size_t rows() { return std::stoul(sql_.value("select count(*) from items")); }
  /// Follows until all rows are here. Returns how often the answer was not 200.
  int catch_up(StrictFollower& follower) {
    int others = 0;
    const std::size_t wanted = rows();
    EXPECT_TRUE(eventually([&] {
      if (follower.rows().size() == wanted && follower.up_to_date()) return true;
      if (follower.step() != 200) ++others;
      return false;
    })) << follower.rows().size()
        << " of " << wanted;
    EXPECT_EQ(follower.faults(), std::vector<std::string>());
    return others;
  }
};

TEST_F(SyncBulk, LeavesFollowersAtTheEndAloneAndServesWhoStarts) {
  options_.shapes_file = shapes_file();
  start();
  StrictFollower first(*client_, "items");
  StrictFollower full(*client_, "items", "&replica=full");
  ASSERT_EQ(catch_up(first) + catch_up(full), 0);
  const std::string handle = first.handle();
  std::vector<std::unique_ptr<StrictFollower>> later;
  for (int round = 0; round < 12; ++round) {
    write(400'000);
    EXPECT_EQ(catch_up(first) + catch_up(full), 0) << round;
    if (round % 4 != 3) continue;
    later.push_back(std::make_unique<StrictFollower>(*client_, "items"));
    for (auto& one : later) EXPECT_EQ(catch_up(*one), 0) << round;
  }
  std::set<std::string> handles{first.handle()};
  for (auto& one : later) handles.insert(one->handle());
  EXPECT_GE(handles.size(), 3U);
  EXPECT_EQ(first.handle(), handle);

  client_.reset();
  service_.reset();
  write(10'000);
  start();
  for (auto* one : {&first, &full, later[0].get(), later[2].get()}) {
    one->ask(*client_);
    const std::string before = one->handle();
    catch_up(*one);  // 503 while the service has not connected yet
    EXPECT_EQ(one->handle(), before);
  }
}

/// A client that reads slowly while more is written at each of its requests than the log may have.
TEST_F(SyncBulk, GetsASlowReaderThrough) {
  write(1'000'000);
  start();
  StrictFollower slow(*client_, "items");
  for (int request = 0; request < 10; ++request) {
    ASSERT_EQ(slow.step(), 200) << request;
    write(600'000);
    settle();
  }
  EXPECT_EQ(catch_up(slow), 0);
}

class SyncMemory : public SyncTest {
 protected:
  SyncMemory() { sql_.run("create table items (id serial primary key, title text)"); }

  /// Of the process, in bytes.
  static double resident() {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages >> pages;
    return pages * 4'096;
  }
  /// Of the allocator, in use.
  static double in_use() {
    const struct mallinfo2 info = ::mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  }
  /// Reads the snapshot to its end. Returns its size.
  double read_all() {
    double bytes = 0;
    auto answer = get("/v1/shape?table=items&offset=-1");
    while (answer.headers.find("electric-up-to-date") == nullptr && answer.status == 200) {
      bytes += static_cast<double>(answer.body.size());
      answer = get(next("items", answer));
    }
    EXPECT_EQ(answer.status, 200);
    return bytes;
  }
};

TEST_F(SyncMemory, OfAShapeIsLittleMoreThanItsMessagesAndIsGivenBack) {
  static constexpr double kAllowance = 2e6;  // what a process needs for other things
  struct Cost {
    double json = 0;
    double held = 0;
  };
  const auto serve = [this](int rows) {
    sql_.run(
        "truncate items; insert into items (title) select repeat('x', 200) from "
        "generate_series(1, " +
        std::to_string(rows) + ")");
    start();
  };
  const auto end = [this] {
    client_.reset();
    service_.reset();
  };
  const auto cost_of = [&](int rows) {
    serve(rows);
    ::malloc_trim(0);
    const double used_before = in_use();
    const double resident_before = resident();
    const double json = read_all();
    // Below the bound of 1.2: answers that are being sent are gone then too.
    EXPECT_TRUE(eventually([&] { return in_use() - used_before <= kAllowance / 20 + 1.05 * json; }))
        << in_use() - used_before << " bytes for " << json;
    const double held = in_use() - used_before;
    EXPECT_EQ(client_->send("DELETE", "/v1/shape?table=items").get().status, 202);
    EXPECT_TRUE(eventually([&] { return resident() - resident_before <= kAllowance + 0.1 * json; }))
        << resident() - resident_before << " bytes stay of " << json;
    end();
    return Cost{json, held};
  };
  serve(1'000);  // what a process takes for its first service is not a shape's
  EXPECT_GT(read_all(), 0);
  end();
  const Cost once = cost_of(60'000);
  const Cost twice = cost_of(120'000);
  EXPECT_GE(once.held, once.json);
  EXPECT_LE(twice.held, 2.2 * once.held);
}

}  // namespace
}  // namespace patchbay::test
