// Commits of another process, noticed by the system's own file events.
#include "runtime/file_watch.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "runtime/asio_executor.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

using Ticks = std::chrono::steady_clock::rep;

Ticks ticks() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// A process that commits one row each time it is told to, over a connection of its own that it
/// closes or keeps. Made before the test has threads.
class Writer {
 public:
  Writer(const std::filesystem::path& file, bool keeps_open) {
    if (pipe(orders_) != 0 || pipe(answers_) != 0) throw std::runtime_error("pipe");
    process_ = fork();
    if (process_ == 0) run(file, keeps_open);
  }
  ~Writer() {
    close(orders_[1]);
    int status = 0;
    waitpid(process_, &status, 0);
    EXPECT_EQ(status, 0);
    for (const int end : {orders_[0], answers_[0], answers_[1]}) close(end);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// When the commit had returned.
  Ticks commit() {
    Ticks when = 0;
    if (write(orders_[1], "!", 1) != 1 || read(answers_[0], &when, sizeof when) != sizeof when) {
      ADD_FAILURE() << "the writer is gone";
    }
    return when;
  }

 private:
  [[noreturn]] void run(const std::filesystem::path& file, bool keeps_open) {
    close(orders_[1]);
    std::optional<SQLite::Database> database;
    char order = 0;
    while (read(orders_[0], &order, 1) == 1) {
      if (!database) database.emplace(file.string(), SQLite::OPEN_READWRITE);
      database->exec("INSERT INTO items DEFAULT VALUES");
      const Ticks when = ticks();
      if (!keeps_open) database.reset();
      if (write(answers_[1], &when, sizeof when) != sizeof when) _exit(1);
    }
    _exit(0);
  }

  int orders_[2] = {};
  int answers_[2] = {};
  pid_t process_ = 0;
};

class ForeignCommits : public testing::Test {
 protected:
  ForeignCommits() {
    std::string pattern = std::filesystem::temp_directory_path() / "patchbay-watch-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    file_ = directory_ / "items.db";
    SQLite::Database made(file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    made.exec("PRAGMA journal_mode=WAL");
    made.exec("CREATE TABLE items(id INTEGER PRIMARY KEY)");
  }
  ~ForeignCommits() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
  std::filesystem::path file_;
};

TEST_F(ForeignCommits, AreNoticedByAnOpenConnection) {
  Writer writer(file_, true);
  IoPool pool(1);
  std::atomic<int> found = 0;
  std::atomic<Ticks> found_at = 0;
  SQLite::Database reader(file_.string(), SQLite::OPEN_READWRITE);
  int version = reader.execAndGet("PRAGMA data_version").getInt();
  OwnThread thread;
  std::optional<FileWatch> watch;
  std::atomic<bool> begun = false;
  thread.executor().post([&] {
    watch.emplace(FileWatch::Parts{thread.executor(), pool.clock(), &pool.files()}, "test",
                  std::vector{file_}, [&] {
                    begun = true;
                    const int now = reader.execAndGet("PRAGMA data_version").getInt();
                    if (std::exchange(version, now) == now) return FileWatch::Look::nothing;
                    found_at = ticks();
                    ++found;
                    return FileWatch::Look::found;
                  });
  });
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  std::vector<Ticks> waits;
  for (int commits = 1; commits <= 100; ++commits) {
    const Ticks committed = writer.commit();
    ASSERT_TRUE(eventually([&] { return found == commits; })) << commits;
    waits.push_back(std::max<Ticks>(0, found_at - committed));
  }
  std::ranges::sort(waits);
  RecordProperty("noticed_after_us_p50", std::to_string(waits[50] / 1'000));
  RecordProperty("noticed_after_us_max", std::to_string(waits.back() / 1'000));
  std::atomic<bool> ended = false;
  thread.executor().post([&] {
    watch.reset();
    ended = true;
  });
  ASSERT_TRUE(eventually([&] { return ended.load(); }));
}

TEST_F(ForeignCommits, AreNoticedWhenTheWalComesAndGoesWithThem) {
  Writer writer(file_, false);
  IoPool pool(1);
  OwnThread thread;
  std::atomic<int> events = 0;
  const auto watched = pool.files().watch(file_, thread.executor(), [&events] { ++events; });
  ASSERT_TRUE(watched.has_value());
  for (int commits = 0; commits < 3; ++commits) {
    const int before = events;
    writer.commit();
    EXPECT_TRUE(eventually([&] { return events > before; }));
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(file_.string() + "-wal"); }));
  }
  pool.files().unwatch(*watched);
}

TEST_F(ForeignCommits, OfOtherFilesSayNothing) {
  const std::filesystem::path other = directory_ / "other.db";
  SQLite::Database made(other.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  made.exec("CREATE TABLE items(id INTEGER PRIMARY KEY)");
  Writer foreign(other, true);
  Writer own(file_, true);
  IoPool pool(1);
  OwnThread thread;
  std::atomic<int> events = 0;
  const auto watched = pool.files().watch(file_, thread.executor(), [&events] { ++events; });
  ASSERT_TRUE(watched.has_value());
  foreign.commit();
  EXPECT_EQ(events, 0);
  own.commit();
  EXPECT_TRUE(eventually([&] { return events > 0; }));
  pool.files().unwatch(*watched);
}

TEST_F(ForeignCommits, InADirectoryThatIsNotThereAreAnError) {
  IoPool pool(1);
  OwnThread thread;
  const auto watched =
      pool.files().watch(directory_ / "none" / "items.db", thread.executor(), [] {});
  ASSERT_FALSE(watched.has_value());
  EXPECT_NE(watched.error().message.find("none"), std::string::npos) << watched.error().message;
}

}  // namespace
}  // namespace patchbay::test
