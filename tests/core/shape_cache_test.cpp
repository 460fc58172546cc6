// The shape cache as the hub sees it: it never stands in the way, and comes back by itself.
#include "electric/shape_cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/cache_fixture.hpp"
#include "electric/tuning.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"

namespace patchbay::test {
namespace {

using electric::ShapeBatch;
using electric::ShapeCache;
using electric::ShapeLog;
using electric::ShapeOptions;

ShapeOptions items() {
  ShapeOptions options;
  options.url = "http://127.0.0.1:3000/v1/shape";
  options.table = "items";
  return options;
}

struct CacheBench {
  explicit CacheBench(std::filesystem::path place = {})
      : top(place.empty() ? directory.path() : std::move(place)) {
    cache.load();
    worker.run_all();
  }
  void store(StreamBatch batch) {
    cache.store(std::make_shared<const StreamBatch>(std::move(batch)));
    worker.run_all();
  }
  [[nodiscard]] std::string stored() const {
    const auto file = top / "shapes/items.log";
    return print_loaded(ShapeLog(file, electric::shape_identity(items(), "")).load());
  }

  CacheDirectory directory;
  std::filesystem::path top;
  sim::ManualExecutor worker;
  sim::ManualClock clock;
  std::string loaded = "not yet";
  int rows_wanted = 0;
  ShapeCache cache{{top / "shapes", "", &worker},
                   items(),
                   clock,
                   {[this](std::optional<ShapeBatch> batch) {
                      loaded = print_loaded(Result<std::optional<ShapeBatch>>(std::move(batch)));
                    },
                    [this] { ++rows_wanted; }}};
  StreamBatch first = cached_batch("0_inf", {cached_row("1", "one")}, true);
};

TEST(ShapeCache, KeepsTheBatchesInOrder) {
  CacheBench bench;
  EXPECT_EQ(bench.loaded, "nothing");
  bench.store(bench.first);
  bench.store(cached_batch("5_0", {cached_row("2", "two")}));
  EXPECT_EQ(bench.stored(), "h@5_0 | 1:one 2:two");
  EXPECT_EQ(bench.rows_wanted, 0);
}

TEST(ShapeCache, AsksOnceForTheRowsWhenTheFileIsSwollen) {
  CacheBench bench;
  bench.store(bench.first);
  for (int number = 0; number < 20; ++number) {
    bench.store(cached_batch("5_0", {cached_row("2", std::string(100'000, 'x'))}));
  }
  EXPECT_EQ(bench.rows_wanted, 1);
  bench.store(cached_batch("5_0", {cached_row("1", "one"), cached_row("2", "two")}, true));
  bench.store(cached_batch("6_0", {gone_row("1")}));
  EXPECT_EQ(bench.stored(), "h@6_0 | 2:two");
  EXPECT_EQ(bench.rows_wanted, 1);
}

TEST(ShapeCache, GoesWithoutAPlaceToWriteAndTriesAgain) {
  CacheBench bench;
  put_contents(bench.directory / "shapes", "in the way");
  bench.store(bench.first);
  bench.store(cached_batch("5_0", {cached_row("2", "two")}));
  EXPECT_EQ(bench.rows_wanted, 0);
  bench.clock.advance(tuning::kCacheRetryDelay, bench.worker);
  EXPECT_EQ(bench.rows_wanted, 1);
  bench.store(bench.first);
  bench.clock.advance(tuning::kCacheRetryDelay, bench.worker);
  EXPECT_EQ(bench.rows_wanted, 2) << "for as long as it fails";
  std::filesystem::remove(bench.directory / "shapes");
  bench.store(bench.first);
  bench.store(cached_batch("5_0", {cached_row("2", "two")}));
  EXPECT_EQ(bench.stored(), "h@5_0 | 1:one 2:two");
  bench.clock.advance(2 * tuning::kCacheRetryDelay, bench.worker);
  EXPECT_EQ(bench.rows_wanted, 2);
}

TEST(ShapeCache, KeepsRowsWhateverStandsInThePlaceOfItsFiles) {
  using Path = std::filesystem::path;
  const std::vector<std::pair<const char*, void (*)(const Path&)>> kinds{
      {"directory", [](const Path& file) { std::filesystem::create_directories(file / "in"); }},
      {"pipe", [](const Path& file) { ::mkfifo(file.c_str(), 0600); }},
      {"pipe to read", [](const Path& file) { ::mkfifo(file.c_str(), 0400); }},
      {"link to nothing",
       [](const Path& file) { std::filesystem::create_symlink("no/thing", file); }},
      {"link to itself", [](const Path& file) { std::filesystem::create_symlink(file, file); }},
      {"link to a directory", [](const Path& file) { std::filesystem::create_symlink("/", file); }},
      {"nothing in it", [](const Path& file) { put_contents(file, ""); }},
      {"zeros", [](const Path& file) { put_contents(file, std::string(5'000, '\0')); }},
      {"text", [](const Path& file) { put_contents(file, std::string(5'000, 'n')); }}};
  for (const char* name : {"items.log", "items.log.new"}) {
    for (const auto& [kind, make] : kinds) {
      const CacheDirectory directory;
      std::filesystem::create_directories(directory / "shapes");
      make(directory / "shapes" / name);
      CacheBench bench(directory.path());
      EXPECT_EQ(bench.loaded, "nothing") << name << " is a " << kind;
      bench.store(bench.first);
      bench.store(cached_batch("5_0", {cached_row("2", "two")}));
      EXPECT_EQ(bench.stored(), "h@5_0 | 1:one 2:two") << name << " is a " << kind;
    }
  }
}

TEST(ShapeCache, IdentityIsTheShapeAndNotWhoAsks) {
  ShapeOptions options = items();
  options.credentials = {{"secret", "s3cret"}};
  const std::string identity = electric::shape_identity(options, "");
  EXPECT_EQ(identity, "http://127.0.0.1:3000/v1/shape table=items");
  EXPECT_EQ(electric::shape_identity(options, "embedded"), "embedded table=items");
  options.where = "id > $1";
  options.parameters = {{"params[1]", "5"}};
  options.columns = "id,title";
  options.credentials = {{"source_id", "tenant"}};
  EXPECT_EQ(electric::shape_identity(options, "s"),
            "s columns=id%2Ctitle&params%5B1%5D=5&source_id=tenant&table=items&"
            "where=id%20%3E%20%241");
}

TEST(ShapeCache, FileNamesAreSafeAndDistinct) {
  EXPECT_EQ(electric::cache_file_name("app.items"), "app.items.log");
  EXPECT_EQ(electric::cache_file_name(R"("../Ä")"), "%22..%2F%C3%84%22.log");
  const std::string one = electric::cache_file_name(std::string(300, 'X'));
  const std::string other = electric::cache_file_name(std::string(301, 'X'));
  EXPECT_LT(one.size(), 220U);
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace patchbay::test
