// Whose store a file is and of which version stands in a row of its own: user_version and
// application_id may be the app's.
#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::Store;

class StoreFormatTest : public StoreTest {
 protected:
  void sql(const std::string& text) const {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(text);
  }
  [[nodiscard]] std::string ask(const std::string& question) const {
    return SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .execAndGet(question)
        .getString();
  }
  /// "kept", or why the store with that note cannot be opened.
  [[nodiscard]] std::string opens() {
    const auto store = open();
    if (!store) return store.error().message;
    return notes(**store) == 1 && host.logged.empty() ? "kept" : "not kept: " + logged();
  }
  /// The file as versions 1 to 3 of all stores left it.
  void make_old(int version, const std::string& user_version) {
    for (const auto& left : files("test.db")) std::filesystem::remove(left);
    auto old = options();
    ASSERT_EQ(note(*opened(), "kept"), "");
    if (version == 1) sql("CREATE TABLE patchbay_operation (n)");
    sql("DROP TABLE patchbay_format; PRAGMA user_version = " + user_version);
  }
  /// Opens the old file with versions up to 4; the version it was taken for.
  [[nodiscard]] std::string opens_old() {
    std::string from = "none";
    auto newer = options();
    newer.version = 4;
    newer.migrate = [&from](SQLite::Database& database, std::uint32_t version) {
      from = std::to_string(version);
      database.exec("DROP TABLE IF EXISTS patchbay_operation");
    };
    const auto store = Store::open(newer, host);
    if (!store) return store.error().message;
    return notes(**store) == 1 ? from : "not kept";
  }
};

TEST_F(StoreFormatTest, LeavesTheUserVersionToTheApp) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  for (const char* version : {"0", "1", "2", "3", "4", "2147483647", "-1", "-2147483648"}) {
    sql(std::string("PRAGMA user_version = ") + version);
    EXPECT_EQ(opens(), "kept") << version;
    EXPECT_EQ(ask("PRAGMA user_version"), version);
  }
}

TEST_F(StoreFormatTest, LeavesTheUserVersionOfAFileThatAnAppMadeFirst) {
  sql("PRAGMA user_version = 7");
  ASSERT_EQ(note(*opened(), "kept"), "");
  EXPECT_EQ(ask("PRAGMA user_version"), "7");
  EXPECT_EQ(opens(), "kept");
}

TEST_F(StoreFormatTest, LeavesAnotherApplicationIdAsItIs) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  EXPECT_EQ(ask("PRAGMA application_id"), std::to_string(kApplication));
  sql("PRAGMA application_id = 77");
  EXPECT_EQ(opens(), "kept");
  EXPECT_EQ(ask("PRAGMA application_id"), "77");
}

TEST_F(StoreFormatTest, GivesTheFieldBackWhenAnOldFileIsMigrated) {
  struct Case {
    int version;
    const char* user_version;
    const char* taken_for;
    const char* left;
  };
  for (const Case& one : {Case{1, "1", "1", "0"}, Case{2, "2", "2", "0"}, Case{3, "3", "3", "0"},
                          // An app has set it: the tables say the version.
                          Case{1, "9", "1", "9"}, Case{3, "9", "2", "9"}, Case{2, "0", "2", "0"},
                          Case{3, "-5", "2", "-5"}, Case{2, "2147483647", "2", "2147483647"}}) {
    make_old(one.version, one.user_version);
    EXPECT_EQ(opens_old(), one.taken_for) << one.user_version;
    EXPECT_EQ(ask("PRAGMA user_version"), one.left);
    EXPECT_EQ(ask("SELECT version FROM patchbay_format"), "4");
    EXPECT_EQ(opens_old(), "none") << "once";
  }
}

TEST_F(StoreFormatTest, RefusesAStoreOfAnotherPatternWhateverItsFieldsSay) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  auto other = options();
  other.application_id = 88;
  sql("PRAGMA application_id = 88");
  const auto refused = Store::open(other, host);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.find("is a database of another application") !=
              std::string::npos)
      << refused.error().message;
}

TEST_F(StoreFormatTest, TellsADamagedRowFromANewerVersion) {
  for (const char* damage :
       {"UPDATE patchbay_format SET version = 9", "UPDATE patchbay_format SET application = 9",
        "UPDATE patchbay_format SET checksum = checksum + 1", "DELETE FROM patchbay_format"}) {
    ASSERT_EQ(note(*opened(), "kept"), "");
    sql(damage);
    EXPECT_NE(opened(), nullptr) << damage;
    EXPECT_TRUE(logged().find("is damaged (the row of patchbay_format is not what was written)") !=
                std::string::npos)
        << logged();
    host.logged.clear();
  }
}

TEST_F(StoreFormatTest, ReadsItsTablesOnceForManyThatAreMade) {
  for (const bool by_a_write : {true, false}) {
    for (const auto& left : files("test.db")) std::filesystem::remove(left);
    host.logged.clear();
    auto store = opened();
    ASSERT_EQ(note(*store, "kept"), "");
    const std::string kept = ask("SELECT number FROM patchbay_objects");
    for (int number = 0; number < 30; ++number) {
      ASSERT_TRUE(store->write(
          [&] { store->database().exec("CREATE TABLE t" + std::to_string(number) + " (a)"); }));
      store->seal_when_quiet();
      EXPECT_EQ(ask("SELECT number FROM patchbay_objects"), kept);
    }
    if (by_a_write) {
      ASSERT_EQ(note(*store, "more"), "");
    }
    for (int look = 0; !by_a_write && look < 50; ++look) store->seal_when_quiet();
    EXPECT_EQ(ask("SELECT number FROM patchbay_objects"), ask("PRAGMA schema_version"));
    store.reset();
    sql("PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, '(a)', '(b)') WHERE name = 't7'");
    ASSERT_NE(opened(), nullptr);
    EXPECT_NE(logged().find("is damaged"), std::string::npos) << logged();
  }
}

}  // namespace
}  // namespace patchbay::test
