// A store that cannot be written says so with what is to be done, and is written again as soon as
// the reason is gone, without being opened again.
#include <sys/resource.h>

#include <csignal>
#include <functional>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;
using sqlite::Store;

/// Lowers a limit of this process until its end.
class Limit {
 public:
  Limit(__rlimit_resource what, rlim_t soft) : what_(what) {
    ::getrlimit(what, &before_);
    const rlimit lower{soft, before_.rlim_max};
    ::setrlimit(what, &lower);
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { ::setrlimit(what_, &before_); }

 private:
  __rlimit_resource what_;
  rlimit before_{};
};

struct Fault {
  const char* name;
  const char* says;
  std::function<void()> begin;
  std::function<void()> end;
};

class StoreRecoveryTest : public StoreTest {
 protected:
  StoreRecoveryTest() { ::signal(SIGXFSZ, SIG_IGN); }

  /// Changes the file as another program.
  [[nodiscard]] std::function<void()> sql(const std::string& text) {
    return [this, text] {
      if (!other_)
        other_ = std::make_unique<SQLite::Database>(file().string(), SQLite::OPEN_READWRITE);
      other_->exec(text);
    };
  }
  [[nodiscard]] static std::function<void()> moved(const fs::path& from, const fs::path& to) {
    return [from, to] { fs::rename(from, to); };
  }

  std::unique_ptr<SQLite::Database> other_;
};

TEST_F(StoreRecoveryTest, IsWrittenAgainWhenTheReasonIsGone) {
  const fs::path away = directory.string() + "-away";
  const fs::path aside = directory / "aside";
  std::unique_ptr<Limit> limit;
  const std::vector<Fault> faults{
      {"no room", "make room", [&] { limit = std::make_unique<Limit>(RLIMIT_FSIZE, 16); },
       [&] { limit.reset(); }},
      {"locked", "is locked by another program's transaction", sql("BEGIN IMMEDIATE"),
       sql("COMMIT")},
      {"file moved", "was moved, removed or replaced", moved(file(), aside), moved(aside, file())},
      {"directory moved", "was moved, removed or replaced", moved(directory, away),
       moved(away, directory)},
      {"log moved", "was moved, removed or replaced", moved(file().string() + "-wal", aside),
       moved(aside, file().string() + "-wal")},
      {"table renamed", "if another program changed its tables, undo that",
       sql("ALTER TABLE notes RENAME TO other"), sql("ALTER TABLE other RENAME TO notes")},
      {"column renamed", "if another program changed its tables, undo that",
       sql("DROP TABLE notes; CREATE TABLE notes (other UNIQUE, more NOT NULL)"),
       sql("DROP TABLE notes; CREATE TABLE notes (text TEXT)")},
      {"unique", "if another program changed its tables, undo that",
       sql("INSERT INTO notes VALUES ('in it'); CREATE UNIQUE INDEX one ON notes (text)"),
       sql("DROP INDEX one; DELETE FROM notes")},
      {"trigger", "if another program changed its tables, undo that",
       sql("CREATE TRIGGER no BEFORE INSERT ON notes BEGIN SELECT raise(ABORT, 'no'); END"),
       sql("DROP TRIGGER no")}};
  const auto store = opened();
  ASSERT_EQ(note(*store, "before"), "");
  for (const Fault& fault : faults) {
    fault.begin();
    for (int time = 0; time < 2; ++time) {
      const std::string failed = note(*store, "in it");
      EXPECT_TRUE(failed.starts_with("retry: ")) << fault.name << ": " << failed;
      EXPECT_TRUE(failed.find(fault.says) != std::string::npos) << fault.name << ": " << failed;
    }
    fault.end();
    // A step is repeated: the first time may still see the tables as they were.
    const std::string again = note(*store, "after");
    EXPECT_EQ(again.empty() ? again : note(*store, "after"), "") << fault.name;
  }
}

TEST_F(StoreRecoveryTest, IsOpenedAgainWhenTheReasonIsGone) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  {
    const Limit none(RLIMIT_NOFILE, 3);
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::retry) << refused.error().message;
  }
  EXPECT_EQ(notes(*opened()), 1);
  const fs::path away = directory.string() + "-away";
  fs::rename(directory, away);
  const auto gone = open();
  fs::rename(away, directory);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::retry) << gone.error().message;
  EXPECT_EQ(notes(*opened()), 1);
}

TEST_F(StoreRecoveryTest, NamesAllFilesThatMustBeWritable) {
  const auto store = opened();
  store->database().exec("PRAGMA query_only = ON");
  const std::string failed = note(*store, "x");
  for (const char* name : {"test.db, ", "test.db-wal, ", "test.db-shm and the directory "}) {
    EXPECT_TRUE(failed.find(name) != std::string::npos) << failed;
  }
  store->database().exec("PRAGMA query_only = OFF");
  EXPECT_EQ(note(*store, "x"), "");
}

}  // namespace
}  // namespace patchbay::test
