// The file of the shape cache: what is read back, whatever happened to the bytes.
#include "electric/shape_log.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/cache_fixture.hpp"
#include "electric/cache_bytes.hpp"
#include "electric/tuning.hpp"

namespace patchbay::test {
namespace {

using electric::ShapeLog;

struct LogBench {
  [[nodiscard]] ShapeLog log(const std::string& identity = "server items") const {
    return {file, identity};
  }
  [[nodiscard]] std::string loaded() const { return print_loaded(log().load()); }
  /// The file after its first batch, one with a change, one with a removal.
  void fill() {
    ShapeLog log = this->log();
    EXPECT_EQ(print_loaded(log.load()), "nothing");
    EXPECT_TRUE(log.store(first));
    after_first = contents(file).size();
    EXPECT_TRUE(log.store(second));
    after_second = contents(file).size();
    EXPECT_TRUE(log.store(third));
  }
  /// The batches that the file should still hold when it ends there.
  [[nodiscard]] std::string expected(std::size_t size) const {
    if (size < after_first) return "nothing";
    if (size < after_second) return "h@0_inf | 1:one 2:two";
    return size < contents(file).size() ? "h@5_0 | 1:uno 2:two 3:three" : all;
  }

  CacheDirectory directory;
  std::filesystem::path file = directory / "items.log";
  StreamBatch first = cached_batch("0_inf", {cached_row("1", "one"), cached_row("2", "two")}, true);
  StreamBatch second = cached_batch("5_0", {cached_row("1", "uno"), cached_row("3", "three")});
  StreamBatch third = cached_batch("9_2", {gone_row("2")});
  std::string all = "h@9_2 | 1:uno 3:three";
  std::size_t after_first = 0;
  std::size_t after_second = 0;
};

TEST(ShapeLog, GivesBackWhatWasStored) {
  LogBench bench;
  bench.fill();
  EXPECT_EQ(bench.loaded(), bench.all);
  auto loaded = bench.log().load();
  EXPECT_EQ((*loaded)->table, &cached_schema()) << "the very schema";
  EXPECT_TRUE((*loaded)->reset);
  EXPECT_EQ(bench.directory.names(), "items.log");
  struct stat status {};
  ASSERT_EQ(stat(bench.file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U) << "rows are nobody else's business";
}

TEST(ShapeLog, ContinuesAfterALoad) {
  LogBench bench;
  bench.fill();
  ShapeLog log = bench.log();
  EXPECT_EQ(print_loaded(log.load()), bench.all);
  EXPECT_TRUE(log.store(cached_batch("12_0", {cached_row("4", "four")})));
  EXPECT_EQ(bench.loaded(), "h@12_0 | 1:uno 3:three 4:four");
}

TEST(ShapeLog, AResetReplacesEverything) {
  LogBench bench;
  bench.fill();
  ShapeLog log = bench.log();
  EXPECT_TRUE(log.store(bench.first));
  EXPECT_EQ(contents(bench.file).size(), bench.after_first);
  EXPECT_EQ(bench.loaded(), "h@0_inf | 1:one 2:two");
}

TEST(ShapeLog, BatchWithoutNewsIsNotWritten) {
  LogBench bench;
  bench.fill();
  ShapeLog log = bench.log();
  ASSERT_TRUE(log.load());
  const std::size_t size = contents(bench.file).size();
  EXPECT_TRUE(log.store(cached_batch("9_2", {})));
  EXPECT_EQ(contents(bench.file).size(), size);
  EXPECT_TRUE(log.store(cached_batch("10_0", {})));
  EXPECT_EQ(bench.loaded(), "h@10_0 | 1:uno 3:three");
}

TEST(ShapeLog, NothingIsStoredBeforeAFirstBatch) {
  LogBench bench;
  ShapeLog log = bench.log();
  EXPECT_EQ(print_loaded(log.load()), "nothing");
  EXPECT_FALSE(log.is_usable());
  EXPECT_FALSE(log.store(bench.second));
  EXPECT_EQ(bench.directory.names(), "");
}

TEST(ShapeLog, TornAnywhereKeepsTheWholeBatchesBefore) {
  LogBench bench;
  bench.fill();
  const std::string bytes = contents(bench.file);
  for (std::size_t size = bytes.size(); size-- > 0;) {
    const std::string expected = bench.expected(size);
    put_contents(bench.file, bytes.substr(0, size));
    ShapeLog log = bench.log();
    ASSERT_EQ(print_loaded(log.load()), expected) << size;
    ASSERT_EQ(log.is_usable(), expected != "nothing") << size;
    put_contents(bench.file, bytes);
  }
  EXPECT_EQ(bench.directory.names(), "items.log") << "nothing was set aside";
}

TEST(ShapeLog, ContinuesBehindATornBatch) {
  LogBench bench;
  bench.fill();
  const std::string bytes = contents(bench.file);
  put_contents(bench.file, bytes.substr(0, bytes.size() - 3));
  ShapeLog log = bench.log();
  EXPECT_EQ(print_loaded(log.load()), "h@5_0 | 1:uno 2:two 3:three");
  EXPECT_EQ(contents(bench.file).size(), bench.after_second) << "the torn end is gone";
  EXPECT_TRUE(log.store(bench.third));
  EXPECT_EQ(bench.loaded(), bench.all);
}

TEST(ShapeLog, ZerosOfAPowerCutAreATornEnd) {
  LogBench bench;
  bench.fill();
  put_contents(bench.file, contents(bench.file) + std::string(700'000, '\0'));
  EXPECT_EQ(bench.loaded(), bench.all);
  EXPECT_EQ(bench.directory.names(), "items.log");
}

TEST(ShapeLog, FlippedByteNeverGivesWrongRows) {
  LogBench bench;
  bench.fill();
  const std::string bytes = contents(bench.file);
  std::size_t set_aside = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
      put_contents(bench.file, damaged);
      const std::string loaded = bench.loaded();
      if (loaded.starts_with("error: ")) {
        ++set_aside;
        ASSERT_FALSE(std::filesystem::exists(bench.file)) << at;
      } else {
        ASSERT_EQ(loaded, "h@5_0 | 1:uno 2:two 3:three") << at << ": only the last batch may go";
        ASSERT_GE(at, bench.after_second) << "damage in the middle is set aside";
      }
    }
  }
  EXPECT_GE(set_aside, 3 * bench.after_second);
}

TEST(ShapeLog, DamagedFileIsSetAsideAndKept) {
  LogBench bench;
  bench.fill();
  std::string bytes = contents(bench.file);
  bytes[bench.after_first + 20] ^= 0x10;
  put_contents(bench.file, bytes);
  ShapeLog log = bench.log();
  const std::string loaded = print_loaded(log.load());
  EXPECT_NE(loaded.find("items.log is damaged at byte"), std::string::npos) << loaded;
  EXPECT_NE(loaded.find("it was set aside as "), std::string::npos) << loaded;
  EXPECT_EQ(bench.directory.names(), "items.log.damaged-*");
  EXPECT_TRUE(log.store(bench.first));
  EXPECT_EQ(bench.directory.names(), "items.log items.log.damaged-*");
  put_contents(bench.file, bytes);
  EXPECT_TRUE(bench.loaded().starts_with("error: "));
  EXPECT_EQ(bench.directory.names(), "items.log.damaged-* items.log.damaged-*-2")
      << "not even one set aside in the same second is written over";
}

TEST(ShapeLog, ForeignFilesAreSetAside) {
  LogBench bench;
  bench.fill();
  const std::string other = print_loaded(bench.log("another server").load());
  EXPECT_NE(other.find("caches another shape (server items)"), std::string::npos) << other;
  EXPECT_EQ(bench.directory.names(), "items.log.foreign-*");
  put_contents(bench.file, "My diary. Nobody may read or write this.\n");
  EXPECT_NE(bench.loaded().find("is not a cache of a shape"), std::string::npos);
  EXPECT_EQ(bench.directory.names(), "items.log.foreign-* items.log.foreign-*-2");
}

TEST(ShapeLog, NewerVersionIsSetAside) {
  LogBench bench;
  bench.fill();
  std::string bytes = contents(bench.file);
  bytes[8] = 2;
  put_contents(bench.file, bytes);
  EXPECT_NE(bench.loaded().find("was written by a newer Patchbay"), std::string::npos);
  EXPECT_EQ(bench.directory.names(), "items.log.newer-*");
}

TEST(ShapeLog, FileThatCannotBeSetAsideIsNotWrittenOver) {
  LogBench bench;
  std::filesystem::create_directory(bench.file);
  ShapeLog log = bench.log();
  EXPECT_TRUE(print_loaded(log.load()).starts_with("error: ")) << "a directory is not a cache";
  EXPECT_EQ(bench.directory.names(), "items.log.unreadable-*");

  const auto named = bench.directory / std::string(245, 'x');
  put_contents(named, "not ours, and no longer name is allowed");
  ShapeLog stays(named, "server items");
  const std::string loaded = print_loaded(stays.load());
  EXPECT_NE(loaded.find("it stays, and nothing is cached: "), std::string::npos) << loaded;
  EXPECT_FALSE(stays.store(bench.first));
  EXPECT_TRUE(contents(named).starts_with("not ours"));

  const auto missing = bench.directory / "missing" / "items.log";
  ShapeLog made(missing, "server items");
  EXPECT_EQ(print_loaded(made.load()), "nothing");
  EXPECT_TRUE(made.store(bench.first)) << "directories are made";
}

TEST(ShapeLog, CrashWhileTheFileIsReplacedKeepsTheOldOne) {
  LogBench bench;
  bench.fill();
  const std::string bytes = contents(bench.file);
  const auto temporary = bench.directory / "items.log.new";
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, bytes.size() / 2, bytes.size()}) {
    put_contents(temporary, bytes.substr(0, size));
    EXPECT_EQ(bench.loaded(), bench.all);
  }
  ShapeLog log = bench.log();
  ASSERT_TRUE(log.load());
  EXPECT_TRUE(log.store(bench.first)) << "what a crash left is not in the way";
  EXPECT_EQ(bench.directory.names(), "items.log");
  EXPECT_EQ(bench.loaded(), "h@0_inf | 1:one 2:two");
}

TEST(ShapeLog, SwellsWithChangesAndShrinksWithAReset) {
  LogBench bench;
  bench.fill();
  ShapeLog log = bench.log();
  ASSERT_TRUE(log.load());
  const StreamBatch batch = cached_batch("10_0", {cached_row("1", std::string(100'000, 'x'))});
  int batches = 0;
  for (; !log.is_swollen() && batches < 100; ++batches) ASSERT_TRUE(log.store(batch));
  EXPECT_EQ(batches, 11) << "a little over kCacheSlackBytes";
  EXPECT_TRUE(log.store(bench.first));
  EXPECT_FALSE(log.is_swollen());
}

TEST(ShapeLog, RowsOfManyFramesAndOfAnySizeComeBack) {
  LogBench bench;
  std::vector<Change> changes;
  for (std::size_t id = 1; id <= 2'000; ++id) {
    const std::size_t size = id % 1'000 == 0 ? 3 * tuning::kCacheFrameBytes : id % 300;
    changes.push_back(cached_row(std::to_string(id), std::string(size, 'x')));
  }
  ShapeLog log = bench.log();
  EXPECT_TRUE(log.store(cached_batch("0_inf", changes, true)));
  auto loaded = bench.log().load();
  ASSERT_TRUE(loaded && *loaded);
  ASSERT_EQ((*loaded)->changes.size(), changes.size());
  for (std::size_t index = 0; index < changes.size(); ++index) {
    ASSERT_TRUE(same_cells(*(*loaded)->changes[index].row, *changes[index].row)) << index;
  }
}

/// No file of this process may grow beyond that, as on a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit full{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(ShapeLog, FullDiskLeavesWhatWasThere) {
  LogBench bench;
  bench.fill();
  const std::string bytes = contents(bench.file);
  ShapeLog log = bench.log();
  ASSERT_TRUE(log.load());
  const StreamBatch large = cached_batch("20_0", {cached_row("9", std::string(5'000, 'x'))});
  StreamBatch large_reset = large;
  large_reset.reset = true;
  {
    const FullDisk full(2'000);
    const auto stored = log.store(large);
    ASSERT_FALSE(stored);
    EXPECT_NE(stored.error().message.find("items.log cannot be written: File too large"),
              std::string::npos);
    EXPECT_EQ(contents(bench.file), bytes) << "cut back";
    EXPECT_FALSE(log.store(large_reset));
    EXPECT_EQ(bench.directory.names(), "items.log") << "no half file stays";
  }
  EXPECT_EQ(bench.loaded(), bench.all);
  EXPECT_FALSE(log.store(bench.third)) << "there would be a gap";
  EXPECT_TRUE(log.store(large_reset));
  EXPECT_TRUE(log.store(bench.third));
}

}  // namespace
}  // namespace patchbay::test
