// Tables that cannot be followed, each for another reason: a write to one is told the reason, not
// to try again, and is taken once the table can be followed.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kSetup = R"sql(
CREATE TABLE IF NOT EXISTS items (id int8 PRIMARY KEY, title text);
CREATE TABLE IF NOT EXISTS keyless (id int8, title text);
CREATE TABLE IF NOT EXISTS made (n int8, id int8 GENERATED ALWAYS AS (n * 2) STORED PRIMARY KEY,
  title text);
CREATE TABLE IF NOT EXISTS parts (id int8 PRIMARY KEY, title text) PARTITION BY RANGE (id);
)sql";

constexpr const char* kConfig = R"toml(
tables = ["items", "keyless", "made", "parts", "nowhere"]
[database]
setup_sql = "@/setup.sql"
[api]
port = 0
[[pattern]]
name = "online"
[[pattern]]
name = "optimistic"
[[pattern]]
name = "immutable"
)toml";

struct Unfollowed {
  const char* table;
  const char* why;
};

class UnfollowedTable : public testing::Test {
 protected:
  [[nodiscard]] std::string config() const {
    directory_.file("setup.sql", kSetup);
    std::string config = kConfig;
    config.replace(config.find('@'), 1, directory_.path());
    return directory_.file("patchbay.toml", config);
  }
  Answer write(const std::string& pattern, const std::string& table) {
    return api_.write(pattern, R"("operation":"insert","table":")" + table + R"(","value":{"id":)" +
                                   std::to_string(++last_id_) + R"(,"title":"a"})");
  }
  [[nodiscard]] bool is_refused(const std::string& pattern, const Unfollowed& one) {
    const Answer answer = write(pattern, one.table);
    const std::string said = answer.body.dump();
    return answer.status == 400 && said.find("cannot be followed") != std::string::npos &&
           said.find(one.why) != std::string::npos;
  }

  TemporaryDirectory directory_;
  HostProcess host_{run_in(directory_ / "host", {"--config", config()})};
  LocalApi api_{host_.place("page")};
  SqlSession sql_{host_.place("database")};
  int last_id_ = 0;
};

TEST_F(UnfollowedTable, IsTheReasonForWhichAWriteIsRefused) {
  ASSERT_TRUE(api_.is_ready("items"));
  const Unfollowed tables[] = {{"keyless", "primary key"},
                               {"made", "generated"},
                               {"parts", "is partitioned"},
                               {"nowhere", "answered 4"}};
  for (const std::string pattern : {"online", "optimistic", "immutable"}) {
    for (const Unfollowed& one : tables) {
      EXPECT_TRUE(eventually([&] { return is_refused(pattern, one); }))
          << pattern << " " << one.table << " " << write(pattern, one.table).body;
    }
    EXPECT_EQ(write(pattern, "items").status, 200) << pattern;
  }
  sql_.run("CREATE TABLE nowhere (id int8 PRIMARY KEY, title text)");
  sql_.run("ALTER TABLE keyless ADD PRIMARY KEY (id)");
  for (const std::string pattern : {"online", "optimistic", "immutable"}) {
    for (const std::string table : {"nowhere", "keyless"}) {
      Answer answer;
      const auto taken = [&] {
        answer = write(pattern, table);
        return answer.status == 200;
      };
      ASSERT_TRUE(eventually(taken, std::chrono::seconds(60))) << pattern << answer.body;
      EXPECT_TRUE(api_.becomes("confirmed", pattern, write_id_of(answer))) << pattern;
    }
  }
}

/// The server's refusal of the write is the answer then.
TEST_F(UnfollowedTable, ThatWasFollowedIsLeftToTheBackend) {
  ASSERT_TRUE(api_.is_ready("items"));
  sql_.run("DROP TABLE items");
  EXPECT_TRUE(eventually([&] { return api_.stream("items") == "stopped"; }));
  const Answer refused = write("online", "items");
  EXPECT_EQ(refused.status, 404) << refused.body;
  const Answer taken = write("optimistic", "items");
  ASSERT_EQ(taken.status, 200) << taken.body;
  EXPECT_TRUE(api_.becomes("rejected", "optimistic", write_id_of(taken)));
}

}  // namespace
}  // namespace patchbay::test
