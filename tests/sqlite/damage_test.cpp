#include <sys/wait.h>
#include <unistd.h>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::Store;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class DamageTest : public StoreTest {
 protected:
  /// A store with this many writes of so many operations each, in the file itself.
  void fill(std::uint32_t writes, std::uint32_t operations = 1) {
    const auto store = opened();
    StoreTables tables(*store, host);
    ASSERT_TRUE(store->write([&] {
      tables.synced.set_schema(items_schema());
      tables.synced.set_position("items", {"h1", "5_0"});
      for (std::uint32_t at = 1; at <= writes; ++at) {
        const Operation one = insert_item(std::to_string(at), std::string(300, 'x'));
        tables.journal.add({sim::write_id(at), 0, std::vector(operations, one)}, 7, false);
      }
    }));
  }
  /// Overwrites bytes of the file where a table's pages are, from the page of that number in it.
  void overwrite(const std::string& table, int page) {
    std::int64_t number = 0;
    {
      SQLite::Database database(file().string(), SQLite::OPEN_READWRITE);
      SQLite::Statement pages(database,
                              "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'"
                              " ORDER BY path LIMIT 1 OFFSET ?");
      pages.bind(1, table);
      pages.bind(2, page);
      ASSERT_TRUE(pages.executeStep());
      number = pages.getColumn(0).getInt64();
    }
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp((number - 1) * 4096);
    bytes << std::string(4096, '\xA5');
  }
  [[nodiscard]] std::vector<sqlite::KeptWrite> unfinished(Store& store) {
    std::vector<sqlite::KeptWrite> writes;
    StoreTables tables(store, host);
    EXPECT_TRUE(store.read([&] { writes = tables.journal.unfinished(); }));
    return writes;
  }
  [[nodiscard]] static std::string numbers(const std::vector<sqlite::KeptWrite>& writes) {
    std::string all;
    for (const auto& kept : writes) all += (all.empty() ? "" : " ") + sim::print(kept.write.id);
    return all;
  }
  void sql(const std::string& text) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(text);
  }
  /// Files set aside, without what SQLite keeps beside them.
  [[nodiscard]] std::vector<std::filesystem::path> set_aside() const {
    auto found = files(".damaged-");
    std::erase_if(found, [](const auto& path) { return !path.string().ends_with('Z'); });
    return found;
  }
  [[nodiscard]] std::filesystem::path note_file() const { return directory / "test.db.damage"; }
};

TEST_F(DamageTest, SetsAsideWhatIsNotADatabase) {
  const std::string text(9'000, 'n');
  std::ofstream(file()) << text;
  const auto store = opened();
  EXPECT_EQ(note(*store, "new"), "");
  const auto aside = files(".damaged-");
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(aside.front()), text.size());
  EXPECT_TRUE(contains(logged(), "is damaged (")) << logged();
  EXPECT_TRUE(contains(logged(), "was set aside as " + aside.front().string())) << logged();
  EXPECT_FALSE(std::filesystem::exists(note_file()));
}

TEST_F(DamageTest, ContinuesWithTheWritesThatCanBeRead) {
  fill(200);
  overwrite("patchbay_journal", 3);
  const auto store = opened();
  const auto writes = unfinished(*store);
  EXPECT_GT(writes.size(), 150U);
  EXPECT_LT(writes.size(), 200U);
  EXPECT_EQ(sim::print(writes.front().write.id), "1");
  EXPECT_EQ(sim::print(writes.back().write.id), "200")
      << "what is behind the damage is read from there";
  for (const auto& kept : writes) {
    ASSERT_EQ(kept.write.operations.size(), 1U);
    EXPECT_EQ(kept.sent_after_s, 7);
    EXPECT_EQ(kept.write.operations.front().set->cell(1).text.size(), 300U);
  }
  EXPECT_TRUE(
      contains(logged(), std::to_string(writes.size()) + " writes of the damaged store continue; "))
      << logged();
  EXPECT_TRUE(contains(logged(), "some of its pages cannot be read")) << logged();
}

TEST_F(DamageTest, ContinuesWithTheWritesBeforeTheEndOfATruncatedFile) {
  fill(200);
  const std::uintmax_t cut = std::filesystem::file_size(file()) * 2 / 3 - 777;
  std::filesystem::resize_file(file(), cut);
  const auto store = opened();
  const auto writes = unfinished(*store);
  EXPECT_GT(writes.size(), 100U);
  EXPECT_LT(writes.size(), 200U);
  EXPECT_TRUE(contains(logged(), std::to_string(writes.size()) + " writes of the damaged store"))
      << logged();
  ASSERT_EQ(set_aside().size(), 1U);
  EXPECT_EQ(std::filesystem::file_size(set_aside().front()), cut) << "kept as it was";
}

TEST_F(DamageTest, TakesNoWriteForWholeThatTheEndOfATruncatedFileCuts) {
  fill(100);
  const std::filesystem::path whole = directory / "whole";
  std::filesystem::copy_file(file(), whole);
  const std::uintmax_t page_end = std::filesystem::file_size(whole) * 2 / 3 / 4096 * 4096;
  for (std::uintmax_t cut = page_end; cut > page_end - 80; cut -= 3) {
    std::filesystem::copy_file(whole, file(), std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(file(), cut);
    const auto writes = unfinished(*opened());
    EXPECT_GT(writes.size(), 10U) << cut;
    for (std::size_t at = 0; at < writes.size(); ++at) {
      const auto& write = writes[at].write;
      EXPECT_GE(std::stoul(sim::print(write.id)), at + 1) << cut;
      EXPECT_EQ(write.operations.front().set->cell(1).text, std::string(300, 'x')) << cut;
    }
  }
}

TEST_F(DamageTest, DropsAWriteOfWhichOnlyAPartCanBeRead) {
  fill(60, 3);
  overwrite("patchbay_journal", 3);
  const auto store = opened();
  const auto writes = unfinished(*store);
  EXPECT_GT(writes.size(), 50U);
  EXPECT_LT(writes.size(), 60U);
  for (const auto& kept : writes) EXPECT_EQ(kept.write.operations.size(), 3U);
  EXPECT_TRUE(contains(logged(), " can only be read in part and do not; some of its pages"))
      << logged();
}

TEST_F(DamageTest, SaysThatAllWritesCameOver) {
  fill(3);
  std::ofstream(note_file()) << "a step met SQLITE_CORRUPT\n\n";
  const auto store = opened();
  EXPECT_EQ(unfinished(*store).size(), 3U);
  EXPECT_TRUE(contains(logged(), "is damaged (a step met SQLITE_CORRUPT)")) << logged();
  EXPECT_TRUE(contains(logged(), "3 writes of the damaged store continue.")) << logged();
  StoreTables tables(*store, host);
  ASSERT_TRUE(store->read([&] {
    EXPECT_TRUE(tables.synced.all().empty()) << "the rows are not there, so no position is";
    EXPECT_EQ(tables.synced.salvaged(), std::vector{&items_schema()});
  }));
}

TEST_F(DamageTest, KeepsWhatWasOnlyInTheLog) {
  {
    const auto store = opened();
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .exec(
            "INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('items', 'insert', NULL,"
            " '[\"1\",\"''milk''\"]')");
  }
  std::ofstream(note_file()) << "why\n\n";
  const auto store = opened();
  EXPECT_EQ(store->database().execAndGet("SELECT new FROM patchbay_log").getString(),
            "[\"1\",\"'milk'\"]");
}

TEST_F(DamageTest, StartsAgainWhereTheNewFileHasNoRoom) {
  fill(200);
  for (const int changes : {0, 200}) {  // the second time they are what has no room
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT " +
              std::to_string(changes) +
              ") INSERT INTO patchbay_log (tbl, kind, old, new)"
              " SELECT 'items', 'insert', NULL, hex(randomblob(300)) FROM n");
    std::ofstream(note_file()) << "why\n\n";
    sqlite::StoreOptions limited = options();
    limited.salvage = [salvage = limited.salvage](auto& fresh, auto& damaged) {
      fresh.exec("PRAGMA max_page_count = " +
                 std::to_string(fresh.execAndGet("PRAGMA page_count").getInt() + 3));
      salvage(fresh, damaged);
    };
    for (int time = 0; time < 2; ++time) {
      const auto store = Store::open(limited, host);
      ASSERT_FALSE(store);
      EXPECT_EQ(store.error().code, ErrorCode::retry);
      EXPECT_TRUE(contains(store.error().message, "no space is left")) << store.error().message;
      EXPECT_FALSE(std::filesystem::exists(file()));
    }
    EXPECT_FALSE(contains(logged(), "can be read")) << logged();
    const auto store = opened();
    EXPECT_EQ(unfinished(*store).size(), 200U);
    EXPECT_EQ(store->database().execAndGet("SELECT count(*) FROM patchbay_log").getInt(), changes);
  }
}

/// Writes as an older module makes them, in a file that a newer one has brought to its version.
TEST_F(DamageTest, KeepsWritesWithoutChecksums) {
  fill(3, 2);
  sql("UPDATE patchbay_journal SET checksum = NULL WHERE id - i = 3");
  EXPECT_EQ(numbers(unfinished(*opened())), "1 2 3");
  EXPECT_EQ(logged(), "");
  std::ofstream(note_file()) << "why\n\n";
  EXPECT_EQ(numbers(unfinished(*opened())), "1 2 3");
  EXPECT_TRUE(contains(logged(), "3 writes of the damaged store continue.")) << logged();
  host.logged.clear();
  EXPECT_EQ(numbers(unfinished(*opened())), "1 2 3");
  EXPECT_EQ(logged(), "");
}

TEST_F(DamageTest, DropsAWriteWithoutChecksumsThatIsNotWhole) {
  for (const char* damage : {"checksum = NULL WHERE id = 3", "checksum = NULL WHERE id = 4",
                             "checksum = NULL, key = substr(key, 2) WHERE id - i = 3",
                             "checksum = NULL, cells = substr(cells, 2) WHERE id - i = 3",
                             "checksum = NULL, kind = 'insist' WHERE id - i = 3",
                             "checksum = NULL, write_id = substr(write_id, 2) WHERE id - i = 3",
                             "checksum = NULL, operations = 3 * (i = 0) WHERE id - i = 3",
                             "checksum = NULL, schema = 9 WHERE id - i = 3"}) {
    fill(3, 2);
    sql(std::string("UPDATE patchbay_journal SET ") + damage);
    EXPECT_EQ(numbers(unfinished(*opened())), "1 3") << damage;
    EXPECT_TRUE(contains(logged(), "2 writes of the damaged store continue, 1 can only be read"))
        << damage << "\n"
        << logged();
    host.logged.clear();
    EXPECT_EQ(numbers(unfinished(*opened())), "1 3") << damage;
    EXPECT_EQ(logged(), "") << damage;
    for (const auto& left : files("test.db")) std::filesystem::remove(left);
  }
}

TEST_F(DamageTest, KeepsAWriteInWhichABitMadeNullOfZero) {
  fill(3, 2);
  SQLite::Database database(file().string(), SQLite::OPEN_READWRITE);
  database.exec(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '')"
      " WHERE name = 'patchbay_journal'; PRAGMA writable_schema = RESET;"
      "UPDATE patchbay_journal SET i = NULL WHERE id = 1;"
      "UPDATE patchbay_journal SET settled = NULL WHERE id = 3");
  std::ofstream(note_file()) << "why\n\n";
  EXPECT_EQ(numbers(unfinished(*opened())), "1 2 3") << logged();
}

TEST_F(DamageTest, StartsWhateverBitOfADefinition) {
  fill(3);
  const std::filesystem::path whole = directory / "whole";
  std::filesystem::copy_file(file(), whole);
  std::ifstream in(whole, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  int bit = 0;
  for (const std::string table : {"patchbay_format", "patchbay_objects", "patchbay_journal"}) {
    const std::size_t begin = bytes.find("table" + table + table);
    ASSERT_LT(begin, bytes.size()) << table;
    for (std::size_t at = begin; at < begin + 5 + 2 * table.size() + 110; at += 9) {
      for (const auto& left : files("test.db")) std::filesystem::remove(left);
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (bit = (bit + 3) % 8)));
      std::ofstream(file(), std::ios::binary) << damaged;
      EXPECT_EQ(numbers(unfinished(*opened())), "1 2 3") << damaged.substr(begin, 160);
      if (HasFailure()) return;
    }
  }
}

TEST_F(DamageTest, TakesTheWriteAheadLogAlong) {
  const pid_t child = ::fork();
  if (child == 0) {  // ends without a checkpoint
    auto store = opened();
    const std::string failed = note(*store, "in the wal");
    ::_exit(failed.empty() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(files("test.db-wal").size(), 1U);
  std::ofstream(note_file()) << "why\n\n";
  const auto store = opened();
  EXPECT_EQ(notes(*store), 0);
  const auto wal = files("-wal");
  ASSERT_EQ(files(".damaged-").size(), 3U);
  ASSERT_EQ(set_aside().size(), 1U);
  SQLite::Database aside(set_aside().front().string(), SQLite::OPEN_READWRITE);
  EXPECT_EQ(aside.execAndGet("SELECT text FROM notes").getString(), "in the wal");
}

TEST_F(DamageTest, SaysThatAStoreIsGoneOrEmpty) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  EXPECT_EQ(logged(), "") << "a new store is not a lost one";
  const std::string lost = "The store " + file().string() +
                           ", which was used before, is gone or empty: writes that were unfinished"
                           " in it are lost, and its rows are fetched again.\n";
  std::filesystem::resize_file(file(), 0);
  EXPECT_EQ(notes(*opened()), 0);
  EXPECT_EQ(logged(), lost);
  std::filesystem::remove(file());
  EXPECT_EQ(notes(*opened()), 0);
  EXPECT_EQ(logged(), lost + lost);
  EXPECT_EQ(notes(*opened()), 0);
  EXPECT_EQ(logged(), lost + lost) << "once";
  EXPECT_TRUE(files(".damaged-").empty());
}

TEST_F(DamageTest, ContinuesWithTheWritesInTheLogOfAFileThatIsGone) {
  for (const bool gone : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) {  // ends without a checkpoint
      const auto store = opened();
      StoreTables tables(*store, host);
      const auto done = store->write([&] {
        tables.synced.set_schema(items_schema());
        tables.journal.add({sim::write_id(1), 0, {insert_item("1", "milk")}}, 7, false);
      });
      ::_exit(done ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    std::filesystem::remove(file());
    if (!gone) std::ofstream(file()).flush();
    EXPECT_EQ(unfinished(*opened()).size(), 1U);
    EXPECT_TRUE(contains(logged(), "is damaged (it is gone or empty, its write-ahead log is not)"))
        << logged();
    EXPECT_TRUE(contains(logged(), "1 writes of the damaged store continue.")) << logged();
    for (const auto& left : files("test.db")) std::filesystem::remove(left);
    host.logged.clear();
  }
}

TEST_F(DamageTest, NotesDamageThatAStepMeets) {
  fill(200);
  {
    const auto store = opened();
    overwrite("patchbay_journal", 3);
    // A commit elsewhere, so that pages in memory are read again.
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .exec("INSERT INTO notes VALUES ('a')");
    const auto met = store->read([&] {
      StoreTables tables(*store, host);
      static_cast<void>(tables.journal.unfinished());
    });
    ASSERT_FALSE(met);
    EXPECT_EQ(met.error().code, ErrorCode::corrupt);
    EXPECT_TRUE(contains(met.error().message, "is damaged")) << met.error().message;
    EXPECT_TRUE(std::filesystem::exists(note_file()));
  }
  EXPECT_GT(unfinished(*opened()).size(), 150U);
  EXPECT_EQ(set_aside().size(), 1U);
}

TEST_F(DamageTest, ContinuesAfterAKillBetweenAnyTwoSteps) {
  fill(5);
  const std::string target = "test.db.damaged-20260101T000000Z";
  std::ofstream(note_file()) << "why\n" << target << "\n";
  // Killed after the renames, while the new file was being filled.
  std::filesystem::rename(file(), directory / target);
  std::ofstream(directory / "test.db.new") << "half";
  EXPECT_EQ(unfinished(*opened()).size(), 5U);
  EXPECT_EQ(set_aside().size(), 1U);
  EXPECT_TRUE(files(".new").empty());
  EXPECT_EQ(note(*opened(), "in the new file"), "");
  // Killed before the note was removed.
  std::ofstream(note_file()) << "why\n" << target << "\n";
  EXPECT_EQ(unfinished(*opened()).size(), 5U);
  EXPECT_EQ(notes(*opened()), 1) << "the new file stays";
  EXPECT_EQ(set_aside().size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(note_file()));
}

}  // namespace
}  // namespace patchbay::test
