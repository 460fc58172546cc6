#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::Refused;
using sqlite::Store;
using testing::Test;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string refusal(const Result<std::unique_ptr<Store>>& store) {
  return store ? "" : std::string(to_string(store.error().code)) + ": " + store.error().message;
}

TEST_F(StoreTest, KeepsWhatWasWrittenAndForgetsWhatWasRefused) {
  {
    const auto store = opened();
    EXPECT_EQ(note(*store, "one"), "");
    const auto refused = store->write([&] {
      store->statement("INSERT INTO notes VALUES ('two')").exec();
      throw Refused{{ErrorCode::unsupported, "Not this one."}};
    });
    EXPECT_EQ(refused.error(), (Error{ErrorCode::unsupported, "Not this one."}));
    EXPECT_EQ(store->undone(), 1U);
    EXPECT_THROW(static_cast<void>(store->write([&] {
                   store->statement("INSERT INTO notes VALUES ('three')").exec();
                   throw std::length_error("too long");
                 })),
                 std::length_error);
    EXPECT_EQ(note(*store, "four"), "") << "the transaction before must have ended";
  }
  const auto store = opened();
  EXPECT_EQ(notes(*store), 2);
}

TEST_F(StoreTest, UsesAWriteAheadLogAndSyncsEachCommit) {
  const auto store = opened();
  SQLite::Database& database = store->database();
  EXPECT_EQ(database.execAndGet("PRAGMA journal_mode").getString(), "wal");
  EXPECT_EQ(database.execAndGet("PRAGMA synchronous").getInt(), 2);
  EXPECT_EQ(database.execAndGet("PRAGMA application_id").getUInt(), kApplication);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 0);
}

TEST_F(StoreTest, SyncsLessOnlyWhenAskedTo) {
  auto relaxed = options();
  relaxed.synchronous_full = false;
  const auto store = Store::open(relaxed, host);
  ASSERT_TRUE(store) << refusal(store);
  EXPECT_EQ((*store)->database().execAndGet("PRAGMA synchronous").getInt(), 1);
}

TEST_F(StoreTest, HasOneOwner) {
  auto first = opened();
  const std::string second = refusal(open());
  EXPECT_TRUE(
      contains(second, "rejected: The store " + file().string() + " is in use by another process"))
      << second;
  first.reset();
  EXPECT_EQ(refusal(open()), "");
}

TEST_F(StoreTest, RefusesANewerVersionAndLeavesItAsItIs) {
  auto newer = options();
  newer.version = 7;
  EXPECT_EQ(refusal(Store::open(newer, host)), "");
  const std::string refused = refusal(open());
  EXPECT_TRUE(contains(refused, "is of version 7, this program knows versions up to 1")) << refused;
  EXPECT_EQ(refusal(Store::open(newer, host)), "");
}

TEST_F(StoreTest, BringsAnOlderVersionUpInOneTransaction) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  auto newer = options();
  newer.version = 2;
  newer.migrate = [](SQLite::Database& database, std::uint32_t from) {
    database.exec("ALTER TABLE notes ADD COLUMN version_before INTEGER DEFAULT " +
                  std::to_string(from));
    database.exec("this is not SQL");
  };
  EXPECT_TRUE(contains(refusal(Store::open(newer, host)), "refused this"));
  newer.migrate = [](SQLite::Database& database, std::uint32_t from) {
    database.exec("ALTER TABLE notes ADD COLUMN version_before INTEGER DEFAULT " +
                  std::to_string(from));
  };
  const auto store = Store::open(newer, host);
  ASSERT_TRUE(store) << refusal(store);
  SQLite::Database& database = (*store)->database();
  EXPECT_EQ(database.execAndGet("SELECT version_before FROM notes").getInt(), 1);
  EXPECT_EQ(database.execAndGet("SELECT version FROM patchbay_format").getInt(), 2);
}

TEST_F(StoreTest, RefusesTheDatabaseOfAnotherApplication) {
  SQLite::Database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE theirs (a)");
  const std::string refused = refusal(open());
  EXPECT_TRUE(contains(refused, "is a database of another application")) << refused;
  EXPECT_TRUE(files("damaged").empty());
}

TEST_F(StoreTest, SaysWhyADirectoryIsOfNoUse) {
  auto elsewhere = options();
  elsewhere.file = directory / "missing" / "test.db";
  const std::string missing = refusal(Store::open(elsewhere, host));
  EXPECT_TRUE(contains(missing, "No such file or directory")) << missing;
  std::ofstream(directory / "plain") << "text";
  elsewhere.file = directory / "plain" / "test.db";
  const std::string plain = refusal(Store::open(elsewhere, host));
  EXPECT_TRUE(contains(plain, "Not a directory")) << plain;
}

TEST_F(StoreTest, SaysThatItMayNotWrite) {
  std::filesystem::permissions(directory, std::filesystem::perms(0555));
  const uid_t before = ::geteuid();
  const uid_t nobody = before == 0 ? 65534 : before;
  ASSERT_EQ(::seteuid(nobody), 0);
  const std::string refused = refusal(open());
  ASSERT_EQ(::seteuid(before), 0);
  std::filesystem::permissions(directory, std::filesystem::perms(0755));
  EXPECT_TRUE(contains(refused, "Permission denied")) << refused;
}

/// A limit of the size of files stands for a disk without room: writes beyond it fail.
TEST_F(StoreTest, SaysAtItsStartThatNoSpaceIsLeft) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{8, 8};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::_exit(contains(refusal(open()), "cannot grow: no space is left") ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(notes(*opened()), 1);
}

TEST_F(StoreTest, RepeatsLaterWhatAnotherProgramLocks) {
  const auto store = opened();
  SQLite::Database other(file().string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  const std::string busy = note(*store, "one");
  EXPECT_TRUE(contains(busy, "retry: ")) << busy;
  EXPECT_TRUE(contains(busy, "is locked by another program")) << busy;
  other.exec("COMMIT");
  EXPECT_EQ(note(*store, "one"), "");
}

TEST_F(StoreTest, RepeatsLaterWhatFindsNoRoom) {
  const auto store = opened();
  const std::int64_t pages = store->database().execAndGet("PRAGMA page_count").getInt64();
  const auto limit = [&](std::int64_t most) {
    store->database().execAndGet("PRAGMA max_page_count = " + std::to_string(most));
  };
  limit(pages + 2);
  const std::string full = note(*store, std::string(100'000, 'x'));
  EXPECT_TRUE(contains(full, "retry: ")) << full;
  EXPECT_TRUE(contains(full, "no space is left")) << full;
  limit(100'000);
  EXPECT_EQ(note(*store, std::string(100'000, 'x')), "");
  EXPECT_EQ(notes(*store), 1);
}

TEST_F(StoreTest, MeetsAFullDiskWithoutHarm) {
  const pid_t child = ::fork();
  if (child == 0) {  // the limit stays for the life of a process
    ::signal(SIGXFSZ, SIG_IGN);
    const auto store = opened();
    const rlimit limit{200'000, 200'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    bool refused = false;
    for (int more = 0; more < 100 && !refused; ++more) {
      const std::string answer = note(*store, std::string(4'000, 'x'));
      refused = contains(answer, "retry: ") && contains(answer, "make room");
    }
    ::_exit(refused && notes(*store) > 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(note(*opened(), "more"), "");
}

TEST_F(StoreTest, KnowsThatAnotherConnectionHasCommitted) {
  const auto store = opened();
  const std::int64_t before = store->data_version();
  EXPECT_EQ(note(*store, "own"), "");
  EXPECT_EQ(store->data_version(), before);
  SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec("INSERT INTO notes VALUES ('a')");
  std::int64_t inside = 0;
  ASSERT_TRUE(store->read([&] { inside = store->data_version(); }));
  EXPECT_NE(inside, before);
}

TEST_F(StoreTest, LeavesNoStatementOnARow) {
  const auto store = opened();
  EXPECT_EQ(note(*store, "one"), "");
  ASSERT_TRUE(store->read([&] { store->statement("SELECT text FROM notes").executeStep(); }));
  SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec("INSERT INTO notes VALUES ('a')");
  std::int64_t seen = 0;
  ASSERT_TRUE(store->read([&] { seen = notes(*store); }));
  EXPECT_EQ(seen, 2) << "an old snapshot was still open";
}

TEST(Quoted, DoublesQuotes) {
  EXPECT_EQ(sqlite::quoted(std::string("a\"b")), "\"a\"\"b\"");
  EXPECT_EQ(sqlite::quoted("app.items"), "\"app.items\"");
}

}  // namespace
}  // namespace patchbay::test
