// Offline for long: writes pile up while there is no backend, by the API and by SQL, and the host
// starts again in between. Nothing is lost, reads and writes continue, and when the backend
// comes every write arrives exactly once. Long (PATCHBAY_LONG): a hundred thousand of them.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Each change of a row that is committed leaves its title, which no other change has.
constexpr const char* kTables = R"sql(
CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);
CREATE TABLE applied (number serial, title text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.applied (title) VALUES (NEW.title);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION note();
)sql";

const bool kLong = std::getenv("PATCHBAY_LONG") != nullptr;
const int kByApi = kLong ? 1'000 : 500;
const int kBySql = kLong ? 99'000 : 1'500;
const std::chrono::seconds kPatience{kLong ? 900 : 30};

class Offline : public testing::TestWithParam<const char*> {
 protected:
  void start_host() {
    const auto begin = std::chrono::steady_clock::now();
    host_.reset();
    host_ = deployment_.start_host(deployment_ / "host", {pattern_});
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("items")) << host_->errors();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    RecordProperty("started_in_s", std::to_string(took.count()));
  }
  void write_by_api(int id) {
    const Answer answer = api_->write(
        pattern_, R"("operation":"insert","table":"items","value":{"id":)" + std::to_string(id) +
                      R"(,"title":"t)" + std::to_string(id) + "\"}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    ++written_;
  }
  /// `count` writes in one transaction, each of its own as the boundaries say.
  void write_by_sql(int first, int count) {
    std::string script = "BEGIN IMMEDIATE;";
    for (int id = first; id < first + count; ++id) {
      const std::string number = std::to_string(id);
      script +=
          "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO items (id, title) "
          "VALUES (" +
          number + ", 't" + number + "');";
    }
    const std::string name = deployment_ / "writes.sql";
    std::ofstream(name) << script << "COMMIT;";
    file().run(".read " + name);
    written_ += count;
  }
  [[nodiscard]] SqliteFile file() const {
    return SqliteFile(deployment_ / ("host/patterns/" + pattern_ + "/" + pattern_ + ".db"));
  }
  [[nodiscard]] int unfinished() const {
    const Answer answer = api_->get("/api/patterns");
    if (answer.status != 200) return -1;
    return answer.body.at("patterns")[0].at("writes_unfinished").get<int>();
  }
  [[nodiscard]] bool unfinished_becomes(int count) const {
    return eventually([&] { return unfinished() == count; }, kPatience);
  }
  /// The title of a row as the view shows it, "*" behind a pending one.
  [[nodiscard]] std::string title(int id) const {
    const Answer answer =
        api_->get("/api/patterns/" + pattern_ + "/rows/items?id=eq." + std::to_string(id));
    if (answer.status != 200 || answer.body.at("rows").size() != 1) return answer.body.dump();
    const Json& row = answer.body.at("rows")[0];
    return row.at("values").at("title").get<std::string>() + (row.at("pending") ? "*" : "");
  }

  std::string pattern_ = GetParam();
  Deployment deployment_{kTables, {"items"}};
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  int written_ = 0;
};

TEST_P(Offline, LosesNothingOverARestartAndSendsEachWriteOnce) {
  start_host();
  deployment_.stop_backend();
  for (int id = 1; id <= kByApi; ++id) ASSERT_NO_FATAL_FAILURE(write_by_api(id));
  write_by_sql(kByApi + 1, kBySql / 2);
  ASSERT_TRUE(unfinished_becomes(written_)) << unfinished();

  host_->kill();  // without any warning
  write_by_sql(written_ + 1, kBySql - kBySql / 2);
  ASSERT_NO_FATAL_FAILURE(start_host());
  ASSERT_TRUE(unfinished_becomes(written_)) << unfinished();
  for (const int id : {1, kByApi + 1, written_}) {
    EXPECT_EQ(title(id), "t" + std::to_string(id) + "*");
  }
  ASSERT_NO_FATAL_FAILURE(write_by_api(written_ + 1));
  EXPECT_EQ(title(written_), "t" + std::to_string(written_) + "*");

  deployment_.start_backend();
  EXPECT_TRUE(unfinished_becomes(0)) << unfinished() << host_->errors();
  EXPECT_EQ(title(written_), "t" + std::to_string(written_));
  SqlSession sql(deployment_.database());
  const std::string all = std::to_string(written_);
  EXPECT_EQ(sql.value("SELECT count(*) || ' ' || count(DISTINCT title) FROM applied"),
            all + " " + all);
  EXPECT_EQ(sql.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM items"), all + " " + all);
  EXPECT_EQ(file().ask("SELECT count(*) FROM items"), all);
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
}

INSTANTIATE_TEST_SUITE_P(Immutable, Offline, testing::Values("immutable"));
INSTANTIATE_TEST_SUITE_P(ThroughDb, Offline, testing::Values("through-db"));

}  // namespace
}  // namespace patchbay::test
