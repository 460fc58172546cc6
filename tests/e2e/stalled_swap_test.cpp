// A swap of a pattern that can end no step, as its disk is full: it is given up with that reason,
// leaves no thread and no module behind, and succeeds once there is room.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTables = "CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);";

struct Stall {
  std::string from;
  std::string to;
  std::string cannot_store;  ///< "row" of the stream, "write" of another program, or "nothing".
};
void PrintTo(const Stall& one, std::ostream* out) {
  *out << one.from << " to " << one.to << ", " << one.cannot_store;
}

class StalledSwap : public testing::TestWithParam<Stall> {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(kTables, std::vector<std::string>{"items"});
  }
  static void TearDownTestSuite() { deployment_.reset(); }

  StalledSwap() {
    host_ = deployment_->start_host(
        directory_.path(), {"notes=" + GetParam().from},
        {{"LD_PRELOAD", PATCHBAY_BINARY_DIR "/tests/e2e/full_disk.so"}, {"FULL_DISK", mark_}});
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  void SetUp() override { ASSERT_TRUE(api_->is_ready("items")); }

  [[nodiscard]] Ended verb(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--directory", directory_.path()});
    return run_to_end(arguments);
  }
  [[nodiscard]] Ended swap() const { return verb({"swap", "notes", GetParam().to, "--force"}); }
  [[nodiscard]] Json pattern() const { return api_->get("/api/patterns").body.at("patterns")[0]; }
  /// "5 threads, 1 modules".
  [[nodiscard]] std::string parts() const {
    const std::string process = "/proc/" + std::to_string(host_->id());
    const auto threads = std::distance(std::filesystem::directory_iterator(process + "/task"), {});
    std::ifstream maps(process + "/maps");
    const std::string mapped((std::istreambuf_iterator<char>(maps)), {});
    // Each module has one segment that can be executed.
    std::size_t modules = 0;
    for (std::size_t at = 0; (at = mapped.find("memfd:", at)) != std::string::npos; ++at) {
      if (mapped.substr(mapped.rfind('\n', at) + 1, 60).find(" r-xp ") != std::string::npos) {
        ++modules;
      }
    }
    return std::to_string(threads) + " threads, " + std::to_string(modules) + " modules";
  }
  /// The disk has no room, and there may be something to be stored.
  void stall() {
    std::ofstream(mark_).close();
    if (GetParam().cannot_store == "write") write_by_sql();
    if (GetParam().cannot_store != "row") return;
    sql_.run("INSERT INTO items VALUES (" + std::to_string(++last_id_) + ", 'stream')");
    ASSERT_TRUE(eventually([&] {
      return pattern().at("reason").get<std::string>().find("no space is left") !=
             std::string::npos;
    })) << pattern();
  }
  void write_by_sql() {
    SqliteFile(directory_ / ("patterns/notes/" + GetParam().from + ".db"))
        .run("INSERT INTO items (id, title) VALUES (" + std::to_string(++last_id_) + ", 'sql')");
  }
  void expect_the_rows_of_the_server() {
    EXPECT_TRUE(eventually(
        [&] { return sql_.value("SELECT count(*) FROM items") == std::to_string(last_id_); }));
    const std::string rows = sql_.value("SELECT string_agg(title, ' ' ORDER BY title) FROM items");
    EXPECT_EQ(api_->shows(rows, "notes", "items", "title"), rows);
  }

  inline static std::unique_ptr<Deployment> deployment_;
  inline static int last_id_ = 0;
  TemporaryDirectory directory_;
  const std::string mark_ = directory_ / "full";
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  SqlSession sql_{deployment_->database()};
};

TEST_P(StalledSwap, SaysWhyAndLeavesNothingBehind) {
  write_by_sql();
  expect_the_rows_of_the_server();  // each thread has had something to do
  const std::string before = parts();
  stall();
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Ended refused = swap();
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(refused.errors.find("The pattern that runs cannot be replaced now") !=
                std::string::npos)
        << refused.errors;
    EXPECT_NE(refused.errors.find(GetParam().from + ".db cannot grow: no space is left"),
              std::string::npos)
        << refused.errors;
    EXPECT_TRUE(eventually([&] { return parts() == before; })) << parts() << " after " << before;
  }
  EXPECT_EQ(pattern().at("id"), GetParam().from);
  std::filesystem::remove(mark_);
  EXPECT_EQ(swap().errors, "");
  EXPECT_EQ(pattern().at("id"), GetParam().to);
  EXPECT_TRUE(eventually([&] { return parts() == before; })) << parts() << " after " << before;
  expect_the_rows_of_the_server();
}

TEST_P(StalledSwap, DoesNotKeepThePatternFromEnding) {
  stall();
  EXPECT_EQ(verb({"remove", "notes", "--force"}).output, "notes has ended\n");
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
  std::filesystem::remove(mark_);
}

INSTANTIATE_TEST_SUITE_P(Pairs, StalledSwap,
                         testing::Values(Stall{"immutable", "through-db", "row"},
                                         Stall{"through-db", "optimistic", "write"},
                                         Stall{"through-db", "through-db", "row"},
                                         Stall{"immutable", "optimistic", "nothing"}));

}  // namespace
}  // namespace patchbay::test
