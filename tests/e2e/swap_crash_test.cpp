// A host that ends at each numbered step of a swap as by a power cut, and starts again: one module
// has the writes, and all of them are in PostgreSQL exactly once; and what a swap leaves to a later
// start: the module that was swapped to, another configuration, a store that keeps writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Each committed change leaves its title, and waits while a test holds the lock: what is accepted
/// meanwhile stays unfinished.
constexpr const char* kTables = R"sql(
CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);
CREATE TABLE applied (number serial, title text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock_shared(1);
  INSERT INTO public.applied (title) VALUES (NEW.title);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION note();
)sql";

bool is_durable(const std::string& module) {
  return module == "immutable" || module == "through-db";
}

/// One host directory for all of a suite: each test takes over what the one before left.
class SwapOver : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(kTables, std::vector<std::string>{"items"});
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    deployment_.reset();
  }
  void TearDown() override {
    api_.reset();
    host_.reset();
  }

  [[nodiscard]] std::string directory() const { return *deployment_ / "host"; }
  /// The pattern "notes", configured with that module.
  void start(const std::string& module, const HostProcess::Environment& environment = {}) {
    api_.reset();
    host_.reset();
    host_ = deployment_->start_host(directory(), {"notes=" + module}, environment);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("items"));
  }
  [[nodiscard]] Ended swap(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"swap", "notes"});
    arguments.insert(arguments.end(), {"--directory", directory()});
    return run_to_end(arguments);
  }
  [[nodiscard]] static std::string module() {
    return api_->get("/api/patterns").body.at("patterns")[0].at("id");
  }
  /// Accepted, and not sent: the server waits for the lock.
  void write(int number) {
    const std::string id = std::to_string(++last_id_);
    const Answer answer =
        api_->write("notes", R"("operation":"insert","table":"items","value":{"id":)" + id +
                                 R"(,"title":"t)" + id + "\"}");
    EXPECT_EQ(answer.status, 200) << number << answer.body;
    titles_.push_back("t" + id);
  }
  void write_by_sql(const std::string& pattern) {
    const std::string id = std::to_string(++last_id_);
    SqliteFile(directory() + "/patterns/notes/" + pattern + ".db")
        .run("INSERT INTO items (id, title) VALUES (" + id + ", 't" + id + "')");
    titles_.push_back("t" + id);
  }
  /// Says of which pattern the file is not any more: "swapped to immutable".
  [[nodiscard]] std::string refusal_by_sql(const std::string& pattern) {
    try {
      write_by_sql(pattern);
    } catch (const std::runtime_error& refused) {
      const std::string why = refused.what();
      const std::size_t at = why.find("swapped to ");
      return at == std::string::npos ? why : why.substr(at, why.find('.', at) - at);
    }
    return "";
  }
  [[nodiscard]] std::string wrong_in_postgres(bool may_be_lost = false) {
    std::string wrong;
    for (const std::string& title : titles_) {
      const std::string count =
          sql_.value("SELECT count(*) FROM applied WHERE title = '" + title + "'");
      if (count == "1" || (count == "0" && may_be_lost)) continue;
      wrong += title + " is applied " + count + " times. ";
    }
    return wrong;
  }
  void expect_all_is_well(bool may_be_lost = false) {
    EXPECT_TRUE(eventually([&] {
      return api_->get("/api/patterns").body.at("patterns")[0].at("writes_unfinished") == 0 &&
             wrong_in_postgres(may_be_lost).empty();
    })) << wrong_in_postgres(may_be_lost)
        << api_->get("/api/patterns").body;
    EXPECT_EQ(wrong_in_postgres(may_be_lost), "");
    const std::string rows = sql_.value("SELECT string_agg(title, ' ' ORDER BY id) FROM items");
    EXPECT_EQ(api_->shows(rows, "notes", "items", "title"), rows);
    titles_.clear();
  }

  inline static std::unique_ptr<Deployment> deployment_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  inline static int last_id_ = 1'000;
  std::vector<std::string> titles_;
  SqlSession sql_{deployment_->database()};
};

struct Cut {
  std::string from;
  std::string to;
  std::string stop_point;
};
void PrintTo(const Cut& one, std::ostream* out) {
  *out << one.from << " to " << one.to << " at " << one.stop_point;
}

std::vector<Cut> cuts() {
  std::vector<Cut> found;
  for (const char* from : {"optimistic", "immutable", "through-db"}) {
    for (const char* to : {"optimistic", "immutable", "through-db"}) {
      if (!is_durable(from) && !is_durable(to)) continue;  // nothing is stored
      if (is_durable(to)) {
        found.push_back({from, to, "adopt.before_commit"});
        found.push_back({from, to, "adopt.committed"});
      }
      // The same plugin keeps its store: nothing is stored at the cut.
      if (std::string(from) == to) continue;
      found.push_back({from, to, "swap.recorded"});
      if (!is_durable(from)) continue;
      found.push_back({from, to, "close.before_commit"});
      found.push_back({from, to, "close.committed"});
    }
  }
  // Before the cut, in the start of the successor; a durable predecessor would stop at its own.
  for (const char* to : {"immutable", "through-db"}) {
    for (const char* point : {"start.before_commit", "start.committed"}) {
      found.push_back({"optimistic", to, point});
    }
  }
  return found;
}

class SwapCrash : public SwapOver, public testing::WithParamInterface<Cut> {};

TEST_P(SwapCrash, FindsOneOwnerAndEveryWrite) {
  const Cut& cut = GetParam();
  std::filesystem::remove(directory() + "/patterns/notes/module");
  start(cut.from, {{"PATCHBAY_STOP_AT", cut.stop_point}});
  sql_.run("SELECT pg_advisory_lock(1)");
  write(1);
  write(2);
  if (is_durable(cut.from)) write_by_sql(cut.from);
  EXPECT_NE(swap({cut.to, "--force"}).exit_code, 0);
  EXPECT_EQ(host_->exit_code(), 128 + SIGKILL) << host_->errors();
  const bool passed = cut.stop_point == "swap.recorded";
  sql_.run("SELECT pg_advisory_unlock(1)");
  start(cut.from);
  EXPECT_TRUE(eventually([&] { return module() == (passed ? cut.to : cut.from); })) << module();
  write(3);
  // The store of the pattern that runs is open to other programs, and no other one is.
  if (is_durable(module())) write_by_sql(module());
  if (is_durable(cut.from) && module() != cut.from) {
    EXPECT_THROW(write_by_sql(cut.from), std::runtime_error);
  }
  // Memory was all that had them, and nobody was told anything else.
  expect_all_is_well(!is_durable(cut.from) && !passed);
}

std::string name_of(const testing::TestParamInfo<Cut>& cut) {
  std::string name = cut.param.from + "_" + cut.param.to + "_" + cut.param.stop_point;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(AllPairs, SwapCrash, testing::ValuesIn(cuts()), name_of);

class SwapStart : public SwapOver {
 protected:
  void SetUp() override { std::filesystem::remove(directory() + "/patterns/notes/module"); }
};

TEST_F(SwapStart, ContinuesWithTheModuleThatWasSwappedTo) {
  start("online");
  EXPECT_EQ(swap({"through-db"}).exit_code, 0);
  sql_.run("SELECT pg_advisory_lock(1)");
  write(1);
  host_->kill();
  write_by_sql("through-db");
  sql_.run("SELECT pg_advisory_unlock(1)");
  start("online");
  EXPECT_EQ(module(), "through-db");
  expect_all_is_well();
}

TEST_F(SwapStart, HandsOverToWhatTheConfigurationNamesNow) {
  start("immutable");
  sql_.run("SELECT pg_advisory_lock(1)");
  write(1);
  host_->kill();
  sql_.run("SELECT pg_advisory_unlock(1)");
  start("through-db");
  EXPECT_TRUE(eventually([] { return module() == "through-db"; }));
  expect_all_is_well();
  host_->kill();
  start("through-db");
  EXPECT_EQ(module(), "through-db") << "immediately from now on";
}

TEST_F(SwapStart, HandsOverWhenTheStoreCanBeUsed) {
  start("immutable");
  sql_.run("SELECT pg_advisory_lock(1)");
  write(1);
  host_->kill();
  sql_.run("SELECT pg_advisory_unlock(1)");
  const std::string lease = directory() + "/patterns/notes/immutable.db.lease";
  std::filesystem::rename(lease, lease + ".aside");
  std::filesystem::create_symlink(directory() + "/nowhere/lease", lease);
  api_.reset();
  host_.reset();
  host_ = deployment_->start_host(directory(), {"notes=through-db"}, {});
  api_ = std::make_unique<LocalApi>(host_->place("page"));
  const Ended swapped = swap({"optimistic", "--force"});
  EXPECT_NE(swapped.errors.find("has not started yet"), std::string::npos) << swapped.errors;
  EXPECT_EQ(module(), "immutable");
  std::filesystem::rename(lease + ".aside", lease);
  EXPECT_TRUE(eventually([] { return module() == "through-db"; }));
  expect_all_is_well();
}

TEST_F(SwapStart, SendsNothingThatASwapLeftWhichNeverCameToItsEnd) {
  start("optimistic", {{"PATCHBAY_STOP_AT", "adopt.committed"}});
  sql_.run("SELECT pg_advisory_lock(1)");
  write(1);  // is on its way
  write(2);
  EXPECT_NE(swap({"immutable"}).exit_code, 0);
  EXPECT_EQ(host_->exit_code(), 128 + SIGKILL) << "its store has what was in memory";
  sql_.run("SELECT pg_advisory_unlock(1)");
  const std::string lost = titles_.back();
  titles_.clear();
  start("optimistic");
  host_->kill();
  start("immutable");
  EXPECT_TRUE(eventually([] { return module() == "immutable"; }));
  write(3);
  expect_all_is_well();
  EXPECT_EQ(sql_.value("SELECT count(*) FROM applied WHERE title = '" + lost + "'"), "0")
      << "its app has continued without it long ago";
}

TEST_F(SwapStart, LosesNoWriteThatAStoreKeepsForAPatternInMemory) {
  start("immutable");
  sql_.run("SELECT pg_advisory_lock(1)");
  write(1);
  EXPECT_NE(swap({"optimistic"}).errors.find("give --force"), std::string::npos);
  EXPECT_EQ(swap({"optimistic", "--force"}).exit_code, 0);
  host_->kill();
  start("immutable");
  EXPECT_TRUE(eventually([] { return module() == "optimistic"; }))
      << "the store first, then what was swapped to";
  host_->kill();
  sql_.run("SELECT pg_advisory_unlock(1)");
  start("immutable");
  EXPECT_TRUE(eventually([] { return module() == "optimistic"; }));
  expect_all_is_well();
  EXPECT_TRUE(eventually([&] {
    std::ifstream record(directory() + "/patterns/notes/module");
    const std::string text((std::istreambuf_iterator<char>(record)), {});
    return text.find("keeper") == std::string::npos;
  })) << "all are final";
}

TEST_F(SwapStart, RefusesWhatIsWrittenBySqlWhileAnotherModuleRuns) {
  start("through-db");
  EXPECT_EQ(swap({"immutable"}).exit_code, 0);
  EXPECT_EQ(refusal_by_sql("through-db"), "swapped to immutable");
  write_by_sql("immutable");
  EXPECT_EQ(swap({"optimistic", "--force"}).exit_code, 0);
  EXPECT_EQ(refusal_by_sql("immutable"), "swapped to optimistic");
  EXPECT_EQ(swap({"through-db"}).exit_code, 0);
  write_by_sql("through-db");
  EXPECT_EQ(refusal_by_sql("immutable"), "swapped to optimistic");
  EXPECT_EQ(swap({"through-db"}).exit_code, 0) << "a build of the same plugin";
  write_by_sql("through-db");
  expect_all_is_well();
}

TEST_F(SwapStart, TakesWhatIsWrittenBySqlAfterASwapThatFailed) {
  start("immutable");
  const std::string in_the_way = directory() + "/patterns/notes/module.new";
  std::filesystem::create_directories(in_the_way);
  EXPECT_NE(swap({"through-db"}).exit_code, 0);
  write_by_sql("immutable");
  std::filesystem::remove(in_the_way);
  EXPECT_EQ(swap({"through-db"}).exit_code, 0);
  write_by_sql("through-db");
  expect_all_is_well();
}

class SwapBack : public SwapStart, public testing::WithParamInterface<const char*> {};

TEST_P(SwapBack, OpensTheStoreThoughTheHostEndsThere) {
  for (const char* ending : {"", "-wal", "-shm", ".lease"}) {
    std::filesystem::remove(directory() + "/patterns/notes/immutable.db" + ending);
  }
  start("through-db", {{"PATCHBAY_STOP_AT", GetParam()}});
  EXPECT_EQ(swap({"immutable"}).exit_code, 0) << "its store is new, and open";
  EXPECT_NE(swap({"through-db"}).exit_code, 0);
  EXPECT_EQ(host_->exit_code(), 128 + SIGKILL) << host_->errors();
  start("through-db");
  EXPECT_EQ(module(), "through-db");
  write_by_sql("through-db");
  EXPECT_EQ(refusal_by_sql("immutable"), "swapped to through-db");
  expect_all_is_well();
}

INSTANTIATE_TEST_SUITE_P(Steps, SwapBack, testing::Values("open.before_commit", "open.committed"),
                         [](const auto& one) {
                           return std::string(one.param) == "open.committed" ? "committed"
                                                                             : "before_commit";
                         });

TEST_F(SwapStart, AddsAPatternForLaterStartsTooUntilItIsRemoved) {
  start("online");
  const auto host = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--directory", directory()});
    return run_to_end(arguments);
  };
  const Ended added = host({"add", "more", "immutable", "--table", "items"});
  EXPECT_TRUE(added.output.starts_with("more is now immutable ")) << added.errors;
  EXPECT_NE(host({"add", "more", "online"}).errors.find("runs here already"), std::string::npos);
  EXPECT_NE(host({"add", "other", "online", "--table", "nothing"}).errors.find("nothing"),
            std::string::npos);
  host_->kill();
  start("online");
  EXPECT_EQ(api_->get("/api/patterns").body.at("patterns").size(), 2U);
  EXPECT_EQ(host({"remove", "more"}).output, "more has ended\n");
  EXPECT_EQ(api_->get("/api/patterns").body.at("patterns").size(), 1U);
  host_->kill();
  start("online");
  EXPECT_EQ(api_->get("/api/patterns").body.at("patterns").size(), 1U);
}

}  // namespace
}  // namespace patchbay::test
