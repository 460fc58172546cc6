// `patchbay database`: an administrator prepares a database, a host without his rights runs on it,
// and he removes all of it again.
#include <gtest/gtest.h>

#include "e2e/foreign_postgres.hpp"
#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

using Arguments = HostProcess::Arguments;

class Database : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    postgres_ = std::make_unique<ForeignPostgres>(
        "CREATE ROLE restricted LOGIN REPLICATION PASSWORD 'restricted'");
  }
  static void TearDownTestSuite() { postgres_.reset(); }
  void SetUp() override {
    name_ = "d" + std::to_string(++count_);
    SqlSession(postgres_->url()).run("CREATE DATABASE " + name_);
    url_ = postgres_->url().substr(0, postgres_->url().rfind('/') + 1) + name_;
    sql_ = std::make_unique<SqlSession>(url_);
    sql_->run("CREATE TABLE public.items (id int8 PRIMARY KEY, title text)");
  }
  void TearDown() override {
    sql_.reset();
    (void)database({"remove", "--force"});
  }

  /// "slot name; publication; schema patchbay; whether items has REPLICA IDENTITY FULL"
  std::string made() {
    return sql_->value(R"sql(
SELECT concat_ws('; ',
  (SELECT string_agg(slot_name, ',') FROM pg_replication_slots
    WHERE database = current_database()),
  (SELECT string_agg(pubname, ',') FROM pg_publication),
  (SELECT nspname FROM pg_namespace WHERE nspname = 'patchbay'),
  (SELECT 'full' FROM pg_class WHERE relname = 'items' AND relreplident = 'f')))sql");
  }
  std::string own_name() {
    return sql_->value(
        "SELECT 'patchbay_' || oid FROM pg_database WHERE datname = current_database()");
  }
  [[nodiscard]] Ended database(Arguments words, const std::string& table = "items") const {
    words.insert(words.begin(), "database");
    words.insert(words.end(), {"--database-url", url_, "--table", table});
    return run_to_end(words);
  }
  Json inspected() const { return Json::parse(database({"inspect", "--json"}).output); }
  void record_an_outcome() {
    sql_->run("INSERT INTO patchbay.outcomes (write_id, status) VALUES (gen_random_uuid(), 200)");
  }

  inline static std::unique_ptr<ForeignPostgres> postgres_;
  inline static int count_ = 0;
  std::string name_;
  std::string url_;
  std::unique_ptr<SqlSession> sql_;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Database, IsPreparedOnceAndInspected) {
  const Json before = inspected();
  EXPECT_FALSE(before["slot"]["exists"]) << before;
  EXPECT_FALSE(before["schema"]["exists"]) << before;
  EXPECT_EQ(before["tables"][0]["replica_identity"], "default") << before;
  EXPECT_EQ(made(), "");

  const Ended first = database({"prepare"});
  EXPECT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_TRUE(says(first.output, "slot " + own_name() + ": made")) << first.output;
  const std::string all = own_name() + "; " + own_name() + "; patchbay; full";
  EXPECT_EQ(made(), all);
  const Ended again = database({"prepare"});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_TRUE(says(again.output, "slot " + own_name() + ": was there")) << again.output;
  EXPECT_FALSE(says(again.output, ": made")) << again.output;
  EXPECT_EQ(made(), all);

  const Json there = inspected();
  EXPECT_EQ(there["slot"]["name"], own_name());
  EXPECT_EQ(there["slot"]["active"], false) << there;
  EXPECT_EQ(there["slot"]["plugin"], "pgoutput");
  EXPECT_EQ(there["slot"]["database"], name_);
  EXPECT_TRUE(there["slot"]["bytes_behind"].is_number()) << there;
  EXPECT_TRUE(there["publication"]["exists"]) << there;
  EXPECT_EQ(there["tables"].size(), 2U) << there;
  EXPECT_EQ(there["tables"][0]["table"], R"("public"."items")");
  EXPECT_EQ(there["tables"][0]["published"], true) << there;
  EXPECT_EQ(there["tables"][0]["replica_identity"], "full") << there;
  EXPECT_EQ(there["tables"][1]["table"], R"("patchbay"."tick")");
  EXPECT_EQ(there["schema"]["tables"][0]["table"], "outcomes") << there;
  EXPECT_EQ(there["schema"]["tables"][1]["rows"], 1) << there;
  EXPECT_TRUE(says(database({"inspect"}).output, "REPLICA IDENTITY full"));
}

TEST_F(Database, ThatIsPreparedServesAHostThatMayMakeNothing) {
  ASSERT_EQ(database({"prepare"}).exit_code, 0);
  sql_->run(
      "GRANT USAGE ON SCHEMA patchbay TO restricted;"
      "GRANT SELECT, INSERT, UPDATE, DELETE ON items, patchbay.outcomes, patchbay.tick "
      "TO restricted");
  const auto at = url_.find('@');
  ASSERT_NE(at, std::string::npos) << url_;
  HostProcess host(run_in(postgres_->directory() / name_,
                          {"--database-url", "postgresql://restricted:restricted" + url_.substr(at),
                           "--table", "items", "--pattern", "online"}));
  LocalApi api(host.place("page"));
  ASSERT_TRUE(api.is_ready("items")) << host.errors();
  const Answer answer = api.write(
      "online", R"("operation":"insert","table":"items","value":{"id":1,"title":"milk"})");
  EXPECT_EQ(answer.status, 200) << answer.body << host.errors();
  EXPECT_EQ(api.shows("milk", "online", "items", "title"), "milk");
  EXPECT_TRUE(api.becomes("confirmed", "online", write_id_of(answer)));
  EXPECT_EQ(sql_->value("SELECT title FROM items"), "milk");

  EXPECT_TRUE(eventually([&] { return api.get("/ready").status == 200; }))
      << api.get("/ready").body << host.errors();

  const Ended again = database({"prepare"});  // beside the host that reads the slot
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(inspected()["slot"]["active"], true);
  sql_->run("DELETE FROM patchbay.outcomes");
  const Ended refused = database({"remove"});
  EXPECT_EQ(refused.exit_code, 1) << refused.output;
  EXPECT_TRUE(says(refused.errors, "is in use")) << refused.errors;
  EXPECT_EQ(made(), own_name() + "; " + own_name() + "; patchbay; full");
  EXPECT_EQ(database({"remove", "--force"}).exit_code, 0);
  EXPECT_EQ(host.interrupt(), 0);
}

TEST_F(Database, IsLeftWithNothingButTheIdentityOfTheTables) {
  ASSERT_EQ(database({"prepare"}).exit_code, 0);
  record_an_outcome();
  const std::string all = made();
  const Ended refused = database({"remove"});
  EXPECT_EQ(refused.exit_code, 1) << refused.output;
  EXPECT_TRUE(says(refused.errors, "applied twice")) << refused.errors;
  EXPECT_EQ(made(), all);

  const Ended removed = database({"remove", "--force"});
  EXPECT_EQ(removed.exit_code, 0) << removed.errors;
  EXPECT_EQ(made(), "full");
  const std::string back = R"(ALTER TABLE "public"."items" REPLICA IDENTITY DEFAULT;)";
  EXPECT_TRUE(says(removed.output, back)) << removed.output;
  EXPECT_FALSE(says(removed.output, "tick")) << removed.output;
  sql_->run(back);
  EXPECT_EQ(made(), "");

  const Ended again = database({"remove"});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_TRUE(says(again.output, "was not there")) << again.output;
}

TEST_F(Database, KeepsATableOfOthersInTheSchema) {
  sql_->run("CREATE SCHEMA patchbay; CREATE TABLE patchbay.others AS SELECT 7 AS number");
  ASSERT_EQ(database({"prepare"}).exit_code, 0);
  const Ended removed = database({"remove"});
  EXPECT_EQ(removed.exit_code, 0) << removed.errors;
  EXPECT_EQ(made(), "patchbay; full");
  EXPECT_EQ(sql_->value("SELECT number FROM patchbay.others"), "7");
  sql_->run("DROP SCHEMA patchbay CASCADE");
}

TEST_F(Database, KeepsWhateverElseOthersHaveInTheSchema) {
  const std::pair<const char*, const char*> others[] = {
      {"VIEW", "patchbay.mine AS SELECT 7 AS number"},
      {"MATERIALIZED VIEW", "patchbay.mine AS SELECT 7 AS number"},
      {"SEQUENCE", "patchbay.mine"},
      {"TYPE", "patchbay.mine AS (number int)"},
      {"DOMAIN", "patchbay.mine AS int"},
      {"FUNCTION", "patchbay.mine() RETURNS int LANGUAGE sql AS 'SELECT 7'"}};
  for (const auto& [kind, definition] : others) {
    ASSERT_EQ(database({"prepare"}).exit_code, 0);
    sql_->run(std::string("CREATE ") + kind + " " + definition);
    const Ended removed = database({"remove"});
    EXPECT_EQ(removed.exit_code, 0) << kind << ": " << removed.errors;
    EXPECT_TRUE(says(removed.output, "schema patchbay: is still there, for others use it"))
        << removed.output;
    EXPECT_EQ(made(), "patchbay; full") << kind;
    sql_->run(std::string("DROP ") + kind + " patchbay.mine");
    EXPECT_EQ(database({"remove"}).exit_code, 0) << kind;
    EXPECT_EQ(made(), "full") << kind;
  }
  ASSERT_EQ(database({"prepare"}).exit_code, 0);
  const std::string all = made();
  sql_->run("CREATE VIEW public.mine AS SELECT status FROM patchbay.outcomes");
  const Ended refused = database({"remove", "--force"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(says(refused.errors, "view public.mine depends on")) << refused.errors;
  EXPECT_EQ(made(), all);
  sql_->run("DROP VIEW public.mine");
}

TEST_F(Database, IsPreparedAndLeftThoughItsSessionsOnlyReadByDefault) {
  sql_->run("ALTER DATABASE " + name_ + " SET default_transaction_read_only = on");
  const Ended prepared = database({"prepare"});
  EXPECT_EQ(prepared.exit_code, 0) << prepared.errors;
  EXPECT_EQ(made(), own_name() + "; " + own_name() + "; patchbay; full");
  const Ended removed = database({"remove", "--force"});
  EXPECT_EQ(removed.exit_code, 0) << removed.errors;
  EXPECT_EQ(made(), "full");
}

TEST_F(Database, IsNotPreparedWhereARelationOfOthersHasTheNameOfOneOfTheBackend) {
  for (const char* theirs :
       {"TABLE patchbay.outcomes (x int)", "TABLE patchbay.tick (x int)",
        "VIEW patchbay.outcomes AS SELECT 7 AS x", "SEQUENCE patchbay.outcomes",
        "TABLE patchbay.tick (x int); CREATE TABLE patchbay.outcomes (x int)"}) {
    sql_->run(std::string("CREATE SCHEMA patchbay; CREATE ") + theirs);
    const Ended ended = database({"prepare"});
    EXPECT_EQ(ended.exit_code, 1) << theirs;
    EXPECT_TRUE(says(ended.errors, "patchbay.outcomes or patchbay.tick")) << ended.errors;
    EXPECT_TRUE(says(ended.errors, "rename it")) << ended.errors;
    EXPECT_FALSE(says(ended.output, "schema patchbay: not there")) << ended.output;
    sql_->run("DROP SCHEMA patchbay CASCADE");
  }
}

TEST_F(Database, KeepsTheOutcomesThatAnotherServiceOfItNeeds) {
  ASSERT_EQ(database({"prepare"}).exit_code, 0);
  ASSERT_EQ(database({"prepare", "--slot", "second"}).exit_code, 0);
  sql_->run("INSERT INTO patchbay.outcomes (write_id, status) VALUES (gen_random_uuid(), 200)");
  const Ended removed = database({"remove", "--slot", "second", "--force"});
  EXPECT_EQ(removed.exit_code, 0) << removed.errors;
  EXPECT_EQ(made(), own_name() + "; " + own_name() + "; patchbay; full");
  EXPECT_EQ(sql_->value("SELECT count(*) FROM patchbay.outcomes"), "1");
  ASSERT_EQ(database({"remove", "--force"}).exit_code, 0);
  EXPECT_EQ(made(), "full");
}

TEST_F(Database, IsPreparedExceptForATableThatIsMissing) {
  const Ended ended = database({"prepare", "--table", "missing"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(says(ended.errors, "does not exist")) << ended.errors;
  EXPECT_EQ(made(), own_name() + "; " + own_name() + "; patchbay; full");
}

TEST_F(Database, HasASlotOfTheNameThatIsGiven) {
  ASSERT_EQ(database({"prepare", "--slot", "mine"}).exit_code, 0);
  EXPECT_EQ(made(), "mine; mine; patchbay; full");
  ASSERT_EQ(database({"remove", "--slot", "mine"}).exit_code, 0);
  EXPECT_EQ(made(), "full");

  sql_->run("SELECT pg_create_logical_replication_slot('theirs', 'test_decoding')");
  for (const char* action : {"prepare", "remove"}) {
    const Ended ended = database({action, "--slot", "theirs"});
    EXPECT_EQ(ended.exit_code, 1) << action;
    EXPECT_TRUE(says(ended.errors, "belongs to something else")) << ended.errors;
  }
  sql_->run("SELECT pg_drop_replication_slot('theirs')");
}

TEST_F(Database, MustBeNamedAndThere) {
  for (const char* action : {"prepare", "inspect", "remove"}) {
    const Ended nameless = run_to_end({"database", action});
    EXPECT_EQ(nameless.exit_code, 2) << action;
    EXPECT_TRUE(says(nameless.errors, "--database-url")) << nameless.errors;
    EXPECT_TRUE(says(nameless.errors, "patchbay run")) << nameless.errors;
    EXPECT_EQ(run_to_end({"database", action, "--database-url", "what="}).exit_code, 2) << action;
    EXPECT_EQ(database({action, "--slot", "No; slot"}).exit_code, 2) << action;
    EXPECT_EQ(database({action}, "a.b.c.d").exit_code, 2) << action;
    const Ended away =
        run_to_end({"database", action, "--database-url", "postgresql://127.0.0.1:1/none"});
    EXPECT_EQ(away.exit_code, 1) << action << away.errors;
  }
  EXPECT_EQ(database({}).exit_code, 2);
}

}  // namespace
}  // namespace patchbay::test
