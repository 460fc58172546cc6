// A write-ahead log that is broken in the middle is told from one that ends there, and what is
// behind the break is read.
#include "wal_damage.hpp"

#include <sqlite3.h>

#include <random>

#include "sqlite/sqlite_fixture.hpp"
#include "support/seeded.hpp"

namespace patchbay::test {
namespace {

using sqlite::apply_wal;
using sqlite::is_wal_damaged;

namespace fs = std::filesystem;

constexpr std::uintmax_t kFrameBytes = 24 + 4096;
constexpr std::uintmax_t kHeaderBytes = 32;

class WalDamageTest : public StoreTest {
 protected:
  WalDamageTest() : database_((directory / "live.db").string(), kOpen) {
    database_.exec(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
        "CREATE TABLE t (n INTEGER PRIMARY KEY, text)");
  }
  /// One transaction that adds so many rows, of about so many on a page.
  void add(int rows, const char* end = "COMMIT") {
    database_.exec("BEGIN");
    for (int row = 0; row < rows; ++row) {
      database_.exec("INSERT INTO t (text) VALUES (hex(randomblob(700)))");
    }
    database_.exec(end);
  }
  [[nodiscard]] static std::int64_t rows(SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM t").getInt64();
  }
  /// The file and its log as a kill would leave them, at file().
  void leave_as_after_a_kill() const {
    for (const char* ending : {"", "-wal"}) {
      fs::copy_file(directory / (std::string("live.db") + ending), file().string() + ending,
                    fs::copy_options::overwrite_existing);
    }
  }
  [[nodiscard]] fs::path wal() const { return file().string() + "-wal"; }
  void flip(std::uintmax_t byte, int bit) const {
    std::fstream bytes(wal(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(byte));
    const int value = bytes.get();
    bytes.seekp(static_cast<std::streamoff>(byte));
    bytes.put(static_cast<char>(value ^ (1 << bit)));
  }
  [[nodiscard]] std::uintmax_t frames() const {
    return (fs::file_size(wal()) - kHeaderBytes) / kFrameBytes;
  }
  [[nodiscard]] fs::path index() const { return file().string() + "-shm"; }
  /// In both of its headers, or in the first.
  void set_index(std::streamoff at, std::uint32_t value, bool both = true) const {
    std::fstream bytes(index(), std::ios::in | std::ios::out | std::ios::binary);
    for (const std::streamoff header : {0, 48}) {
      if (header > 0 && !both) break;
      bytes.seekp(header + at);
      bytes.write(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }
  /// A commit of 60 rows that a kill cut off in its fsync, over its start a later commit of one
  /// row, and the wal-index that counts this one. Before both there are 9 rows.
  void leave_cut_off_commit() {
    for (int commit = 0; commit < 3; ++commit) add(3);
    leave_as_after_a_kill();
    add(60);
    const fs::path other = directory / "other.db";
    for (const char* ending : {"", "-wal"}) {
      fs::copy_file(file().string() + ending, other.string() + ending,
                    fs::copy_options::overwrite_existing);
    }
    leave_as_after_a_kill();
    SQLite::Database later(other.string(), kOpen);
    later.exec("PRAGMA wal_autocheckpoint = 0; INSERT INTO t (text) VALUES (hex(randomblob(700)))");
    fs::copy_file(other.string() + "-shm", index(), fs::copy_options::overwrite_existing);
    std::ifstream counted(other.string() + "-wal", std::ios::binary);
    std::fstream(wal(), std::ios::in | std::ios::out | std::ios::binary) << counted.rdbuf();
    counted_ = (fs::file_size(other.string() + "-wal") - kHeaderBytes) / kFrameBytes;
    ASSERT_GT(frames(), counted_ + 2) << "the commit that was cut off is still behind";
  }
  [[nodiscard]] std::int64_t rows_of_copy() const {
    apply_wal(wal(), file());
    fs::remove(wal());
    fs::remove(index());
    SQLite::Database copy(file().string(), kOpen);
    EXPECT_EQ(copy.execAndGet("PRAGMA integrity_check").getString(), "ok");
    return rows(copy);
  }

  inline static const int kOpen = SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
  SQLite::Database database_;
  std::uintmax_t counted_ = 0;  ///< Frames, by leave_cut_off_commit.
};

TEST_F(WalDamageTest, IsToldOfABreakBeforeACommitWhateverTheBit) {
  for (int commit = 0; commit < 8; ++commit) add(3);
  leave_as_after_a_kill();
  ASSERT_FALSE(is_wal_damaged(wal()));
  std::mt19937_64 random(seed());
  for (int time = 0; time < 60; ++time) {
    leave_as_after_a_kill();
    // Not the last commit: nothing tells it from one that was cut off.
    const std::uintmax_t checked = kHeaderBytes + (frames() - 5) * kFrameBytes;
    const std::uintmax_t byte = time < 32 ? static_cast<std::uintmax_t>(time) : random() % checked;
    flip(byte, static_cast<int>(random() % 8));
    EXPECT_TRUE(is_wal_damaged(wal())) << "byte " << byte << ", " << seed_text();
  }
}

TEST_F(WalDamageTest, TakesTheTailOfARolledBackTransactionForHealthy) {
  database_.exec("PRAGMA cache_size = 4");
  add(3);
  add(60, "ROLLBACK");  // more than the cache holds: its pages are in the log
  leave_as_after_a_kill();
  ASSERT_GT(frames(), 15U) << "the transaction reached the log";
  EXPECT_FALSE(is_wal_damaged(wal()));
  add(1);  // over the start of that tail
  leave_as_after_a_kill();
  EXPECT_FALSE(is_wal_damaged(wal()));
}

TEST_F(WalDamageTest, TakesTheFramesOfAnEarlierLogForHealthy) {
  for (int commit = 0; commit < 8; ++commit) add(3);
  leave_as_after_a_kill();
  const std::uintmax_t before = fs::file_size(wal());
  database_.exec("PRAGMA wal_checkpoint");
  add(1);
  leave_as_after_a_kill();
  ASSERT_EQ(fs::file_size(wal()), before) << "the earlier log's frames are still behind";
  EXPECT_FALSE(is_wal_damaged(wal()));
}

TEST_F(WalDamageTest, TakesATornEndForHealthy) {
  for (int commit = 0; commit < 3; ++commit) add(2);
  leave_as_after_a_kill();
  for (std::uintmax_t size = fs::file_size(wal()); size > 0;
       size -= std::min<std::uintmax_t>(size, 777)) {
    fs::resize_file(wal(), size);
    EXPECT_FALSE(is_wal_damaged(wal())) << size;
  }
  fs::remove(wal());
  EXPECT_FALSE(is_wal_damaged(wal()));
}

TEST_F(WalDamageTest, HasAllCommitsBehindTheBreakInTheCopy) {
  for (int commit = 0; commit < 8; ++commit) add(3);
  leave_as_after_a_kill();
  flip(kHeaderBytes + 2 * kFrameBytes + 20, 3);  // a checksum: the page is whole
  ASSERT_TRUE(is_wal_damaged(wal()));
  apply_wal(wal(), file());
  fs::remove(wal());
  SQLite::Database copy(file().string(), kOpen);
  EXPECT_EQ(rows(copy), 24);
  EXPECT_EQ(copy.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(WalDamageTest, TakesACommitThatAKillCutOffForHealthyWhereTheIndexDoesNotCountIt) {
  leave_cut_off_commit();
  EXPECT_FALSE(is_wal_damaged(wal()));
  EXPECT_EQ(rows_of_copy(), 10);
}

TEST_F(WalDamageTest, IsToldOfABreakThatTheIndexCounts) {
  leave_cut_off_commit();
  set_index(16, static_cast<std::uint32_t>(counted_ + 1));
  EXPECT_TRUE(is_wal_damaged(wal()));
  set_index(16, static_cast<std::uint32_t>(counted_));
  EXPECT_FALSE(is_wal_damaged(wal()));
  flip(kHeaderBytes + 2 * kFrameBytes + 20, 3);  // a checksum: the page is whole
  EXPECT_TRUE(is_wal_damaged(wal()));
  EXPECT_EQ(rows_of_copy(), 10) << "nothing of what the index does not count";
}

TEST_F(WalDamageTest, GoesByTheLogAloneWhereTheIndexIsNotItsOwn) {
  leave_cut_off_commit();
  const fs::path kept = directory / "kept-shm";
  fs::copy_file(index(), kept);
  const auto is_damaged_after = [&](auto change) {
    fs::copy_file(kept, index(), fs::copy_options::overwrite_existing);
    change();
    return is_wal_damaged(wal());
  };
  EXPECT_FALSE(is_damaged_after([] {}));
  EXPECT_TRUE(is_damaged_after([&] { set_index(16, 1, false); })) << "headers that differ";
  EXPECT_TRUE(is_damaged_after([&] { set_index(12, 0); })) << "not started";
  EXPECT_TRUE(is_damaged_after([&] { set_index(32, 1); })) << "another log's";
  EXPECT_TRUE(is_damaged_after([&] { set_index(36, 1); })) << "another log's";
  EXPECT_TRUE(is_damaged_after([&] { fs::resize_file(index(), 95); })) << "cut off";
  EXPECT_TRUE(is_damaged_after([&] { fs::remove(index()); })) << "gone";
}

TEST_F(WalDamageTest, KeepsTheWritesBehindABreak) {
  const auto kept = [this](std::uintmax_t byte, int bit) {
    {
      const auto store = opened();
      StoreTables tables(*store, host);
      store->database().exec("PRAGMA wal_autocheckpoint = 0");
      for (std::uint32_t at = 1; at <= 20; ++at) {
        EXPECT_TRUE(store->write([&] {
          tables.synced.set_schema(items_schema());
          tables.journal.add({sim::write_id(at), 0, {insert_item(std::to_string(at), "milk")}}, 7,
                             false);
        }));
      }
      fs::copy_file(file(), directory / "kept");
      fs::copy_file(wal(), directory / "kept-wal");
    }
    fs::rename(directory / "kept", file());
    fs::rename(directory / "kept-wal", wal());
    flip(byte, bit);
    const auto store = opened();
    std::vector<sqlite::KeptWrite> writes;
    StoreTables tables(*store, host);
    EXPECT_TRUE(store->read([&] { writes = tables.journal.unfinished(); }));
    return writes.size();
  };
  EXPECT_EQ(kept(kHeaderBytes + 30 * kFrameBytes + 18, 1), 20U);
  EXPECT_TRUE(logged().find("is damaged (its write-ahead log is broken in the middle)") !=
              std::string::npos)
      << logged();
  EXPECT_TRUE(logged().find("20 writes of the damaged store continue.") != std::string::npos)
      << logged();
  EXPECT_TRUE(files(".mended").empty());
}

}  // namespace
}  // namespace patchbay::test
