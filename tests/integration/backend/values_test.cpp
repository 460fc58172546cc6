// Values of a write in the database: updates that change nothing, triggers and
// rules that keep a row as it is, numbers of any size, elements without changes, HEAD.
#include "backend/catalogue.hpp"
#include "backend/session.hpp"
#include "integration/backend/backend_fixture.hpp"
#include "net/http.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

class BackendValues : public BackendTest {
 protected:
  std::string change(const std::string& members) {
    return verdict("POST", "/changes", R"([{"id":"e","changes":[{"table":"t",)" + members + "}]}]");
  }
  void start_on(const std::string& table) {
    sql_.run(table);
    start_with({"t"});
  }
};

TEST_F(BackendValues, ConfirmsAnUpdateThatSetsAKeyToWhatItIs) {
  start_on(
      "CREATE TABLE t (a uuid, b int, note text, PRIMARY KEY (a, b));"
      "INSERT INTO t VALUES ('0190aaaa-0000-7000-8000-00000000000a', 1, 'x')");
  const std::string id = "0190aaaa-0000-7000-8000-00000000000a";
  const std::string upper = "0190AAAA-0000-7000-8000-00000000000A";
  for (const std::string& key : {id, upper}) {
    for (const std::string& written : {id, upper}) {
      for (const char* number : {"1", "01"}) {
        const std::string target = "/t/" + key + "/" + number;
        EXPECT_EQ(verdict("PUT", target, R"({"a":")" + written + "\"}"), "200") << target;
        EXPECT_EQ(verdict("PUT", target, R"({"b":1,"a":")" + written + "\"}"), "200") << target;
        EXPECT_EQ(verdict("PUT", target, R"({"b":"01"})"), "200") << target;
      }
    }
  }
  const std::string whole = R"("value":{"a":")" + id + R"(","b":1})";
  EXPECT_EQ(change(R"("operation":"update",)" + whole), "200");
  EXPECT_EQ(change(R"("operation":"update","key":{"a":")" + upper + R"(","b":"1"},)" + whole),
            "200");
  EXPECT_EQ(sql_.value("SELECT a || ' ' || b || ' ' || note FROM t"), id + " 1 x");
  EXPECT_EQ(verdict("PUT", "/t/" + id + "/2", R"({"b":2})"), "404");
  EXPECT_EQ(verdict("PUT", "/t/" + id + "/1", "{}"), "400");
  const std::string marked = R"({"b":1)" + with_write_id(1) + "}";
  const RawResponse first = send("PUT", "/t/" + id + "/1", marked);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(send("PUT", "/t/" + id + "/1", marked).json()["txid"], first.json()["txid"]);
}

TEST_F(BackendValues, DoesNotTakeARowThatATriggerKeepsForAMissingOne) {
  sql_.run(R"sql(
    CREATE TABLE gone (id int, note text);
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM t WHERE id = OLD.id; INSERT INTO gone VALUES (OLD.id, NEW.note);
      RETURN NULL; END $$)sql");
  start_on(
      "CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'x'), (2, 'x')");
  const auto put = [&](int id) {
    return verdict("PUT", "/t/" + std::to_string(id), R"({"note":"y"})");
  };
  ASSERT_EQ(put(1), "200");
  // The backend has read the table already: what is new there is seen before anything is refused.
  sql_.run(
      "CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW "
      "EXECUTE FUNCTION nothing()");
  EXPECT_EQ(put(2), "200");
  EXPECT_EQ(put(3), "404");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":4,"note":"z"})"), "200");
  EXPECT_EQ(verdict("DELETE", "/t/2"), "200");
  EXPECT_EQ(sql_.value("SELECT string_agg(id || note, ' ' ORDER BY id) FROM t"), "1y 2x");
  sql_.run(
      "DROP TRIGGER keep ON t; CREATE TRIGGER archive BEFORE UPDATE ON t FOR EACH ROW "
      "EXECUTE FUNCTION archive()");
  EXPECT_EQ(put(2), "200") << "the trigger removed it";
  EXPECT_EQ(put(2), "404");
  EXPECT_EQ(sql_.value("SELECT id || note FROM gone"), "2y");
}

TEST_F(BackendValues, DoesNotTakeARowThatARuleKeepsForAMissingOne) {
  start_on(
      "CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'x');"
      "CREATE RULE keep_u AS ON UPDATE TO t DO INSTEAD NOTHING;"
      "CREATE RULE keep_i AS ON INSERT TO t DO INSTEAD NOTHING;"
      "CREATE RULE keep_d AS ON DELETE TO t DO INSTEAD NOTHING");
  EXPECT_EQ(verdict("PUT", "/t/1", R"({"note":"y"})"), "200");
  EXPECT_EQ(verdict("PUT", "/t/2", R"({"note":"y"})"), "404");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":2,"note":"y"})"), "200");
  EXPECT_EQ(verdict("DELETE", "/t/1"), "200");
  EXPECT_EQ(sql_.value("SELECT id || note FROM t"), "1x");
}

TEST_F(BackendValues, FindsTheTriggerOfAPartition) {
  start_on(R"sql(
    CREATE TABLE t (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
    CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10);
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    INSERT INTO t VALUES (1, 'x');
    CREATE TRIGGER keep BEFORE UPDATE ON low FOR EACH ROW EXECUTE FUNCTION nothing())sql");
  EXPECT_EQ(verdict("PUT", "/t/1", R"({"note":"y"})"), "200");
  EXPECT_EQ(verdict("PUT", "/t/2", R"({"note":"y"})"), "404");
}

TEST_F(BackendValues, DoesNotFindARowThatRowSecurityKeepsFromTheUpdate) {
  sql_.run(R"sql(
    DO $$ BEGIN CREATE ROLE guarded; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TABLE t (id int PRIMARY KEY, mine boolean, note text);
    INSERT INTO t VALUES (1, true, 'x'), (2, false, 'x');
    CREATE TRIGGER same BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION same();
    ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY sees ON t FOR SELECT USING (true);
    CREATE POLICY changes ON t FOR UPDATE USING (mine);
    GRANT SELECT, UPDATE ON t TO guarded)sql");
  start_with({"items"});
  ASSERT_EQ(verdict("POST", "/items", item(1, "a")), "200");  // makes the schema patchbay
  sql_.run(
      "GRANT USAGE ON SCHEMA patchbay TO guarded;"
      "GRANT ALL ON ALL TABLES IN SCHEMA patchbay TO guarded");
  auto guarded = options();
  guarded.database_url = database_.url_as("guarded");
  guarded.tables = {"t"};
  start(guarded);
  EXPECT_EQ(verdict("PUT", "/t/1", R"({"note":"y"})"), "200");
  EXPECT_EQ(verdict("PUT", "/t/2", R"({"note":"y"})"), "404");
  EXPECT_EQ(verdict("PUT", "/t/2", R"({"id":2})"), "404");
}

TEST_F(BackendValues, TakesNumbersOfAnySize) {
  start_on("CREATE TABLE t (id numeric PRIMARY KEY, n numeric, f float8, i int8, j jsonb)");
  const std::string digits(400, '7');
  for (const std::string& number :
       {std::string("1e400"), std::string("1e-400"), digits, "-" + digits + ".5", std::string("-0"),
        std::string("1E+2"), std::string("1.10")}) {
    EXPECT_EQ(verdict("POST", "/t", R"({"id":1,"n":)" + number + R"(,"j":[)" + number + "]}"),
              "200");
    EXPECT_EQ(sql_.value("SELECT n = '" + number + "' AND j = '[" + number + "]' FROM t"), "t");
    EXPECT_EQ(verdict("DELETE", "/t/1"), "200");
    EXPECT_EQ(verdict("POST", "/t", R"({"id":)" + number + "}"), "200");
    EXPECT_EQ(verdict("PUT", "/t/" + number, R"({"i":1})"), "200");
    EXPECT_EQ(verdict("DELETE", "/t/" + number), "200");
  }
  EXPECT_EQ(verdict("POST", "/t", R"({"id":1,"f":1e400})"), "400 22003 f");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":1,"f":-0})"), "200");
  EXPECT_EQ(sql_.value("SELECT f FROM t"), "-0");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":2,"i":9223372036854775808})"), "400 22003 i");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":2,"n":1e131073})"), "400 22003 n");
}

TEST_F(BackendValues, TakesForADomainWhatItsBaseTypeTakes) {
  struct Case {
    const char* type;
    const char* value;
    const char* stored;
    const char* refused;
  };
  const Case cases[] = {{"boolean", "true", "true", "1"},
                        {"smallint", "7", "7", "true"},
                        {"bigint", "9007199254740993", "9007199254740993", "true"},
                        {"numeric(12,3)", "1.10", "1.100", "[1]"},
                        {"real", "0.1", "0.1", "true"},
                        {"double precision", "1e-300", "1e-300", "{}"},
                        {"json", R"({"a":1.10})", R"({"a":1.10})", nullptr},
                        {"jsonb", "[1.10,-0]", "[1.10, 0]", nullptr},
                        {"uuid", R"("0190aaaa-0000-7000-8000-000000000001")",
                         "0190aaaa-0000-7000-8000-000000000001", "1"},
                        {"text", R"("t")", "t", "true"},
                        {"integer[]", R"("{1,2}")", "{1,2}", "[1,2]"},
                        {"boolean[]", R"("{t,f}")", "{t,f}", "[true,false]"}};
  // A table each: a session that still knows another type would take what that one takes.
  std::vector<std::string> tables;
  for (std::size_t at = 0; at < std::size(cases); ++at) tables.push_back("t" + std::to_string(at));
  start_with(tables);
  for (std::size_t at = 0; at < std::size(cases); ++at) {
    const Case& one = cases[at];
    const std::string& table = tables[at];
    SCOPED_TRACE(one.type);
    sql_.run("CREATE DOMAIN d AS " + std::string(one.type) + "; CREATE DOMAIN dd AS d;" +
             "CREATE TABLE " + table + " (id int PRIMARY KEY, plain " + one.type + ", d d, dd dd)");
    for (const char* column : {"plain", "d", "dd"}) {
      const auto body = [&](const char* value) {
        return R"({"id":1,")" + std::string(column) + "\":" + value + "}";
      };
      EXPECT_EQ(verdict("POST", "/" + table, body(one.value)), "200") << column;
      EXPECT_EQ(sql_.value("SELECT " + std::string(column) + "::text FROM " + table), one.stored);
      EXPECT_EQ(verdict("DELETE", "/" + table + "/1"), "200");
      if (one.refused != nullptr) {
        EXPECT_EQ(verdict("POST", "/" + table, body(one.refused)), std::string("400 ") + column);
      }
    }
    sql_.run("DROP TABLE " + table + "; DROP DOMAIN dd; DROP DOMAIN d");
  }
}

TEST_F(BackendValues, TakesABooleanOfADomainAsTextFromThoseWhoCannotTell) {
  sql_.run("CREATE DOMAIN d AS boolean; CREATE DOMAIN dd AS d");
  start_on("CREATE TABLE t (id dd PRIMARY KEY, plain boolean)");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":"t","plain":true})"), "200");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":"false","plain":"t"})"), "400 plain");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":"perhaps"})"), "400 22P02 id");
  EXPECT_EQ(verdict("PUT", "/t/true", R"({"id":true,"plain":false})"), "200");
  EXPECT_EQ(verdict("PUT", "/t/t", R"({"id":true})"), "200");
  EXPECT_EQ(verdict("DELETE", "/t/t"), "200");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM t"), "0");
}

TEST_F(BackendValues, KnowsWhatADomainIsMadeOf) {
  sql_.run(
      "CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN b AS boolean; CREATE DOMAIN bb AS b;"
      "CREATE DOMAIN c AS char(5); CREATE DOMAIN i AS inet; CREATE DOMAIN n AS numeric(9,2);"
      "CREATE DOMAIN m AS mood; CREATE DOMAIN list AS boolean[];"
      "CREATE TABLE t (b b, bb bb, c c, i i, n n, m m, list list, of_b b[], plain boolean,"
      " PRIMARY KEY (bb, c, i))");
  backend::Session session(database_.url());
  ASSERT_TRUE(session.open());
  backend::Catalogue catalogue(session);
  const auto table = catalogue.find(rows::TableName{"public", "t"});
  ASSERT_TRUE(table && *table);
  std::string known;
  for (const auto& column : (*table)->columns) known += column.name + "=" + column.base_type + " ";
  EXPECT_EQ(known, "b=bool bb=bool c=bpchar i=inet n=numeric m=mood list= of_b= plain= ")
      << "an array has one spelling, whatever it is of";
}

TEST_F(BackendValues, ReadsAKeyTheSameByEitherRoute) {
  struct Case {
    const char* type;
    std::vector<std::string> found;  ///< Spellings of one key.
    std::vector<std::string> refused;
  };
  sql_.run(
      "CREATE TYPE mood AS ENUM ('sad', 'so so'); CREATE DOMAIN md AS mood;"
      "CREATE DOMAIN mdd AS md; CREATE DOMAIN bd AS boolean");
  const Case cases[] = {{"boolean", {"true"}, {"yes", "1", "on", "TRUE", " t ", "maybe"}},
                        {"bd", {"true", "t", "yes", "1", "TRUE"}, {"maybe"}},
                        {"mood", {"so so"}, {"glad", "SO SO"}},
                        {"md", {"so so"}, {"glad"}},
                        {"mdd", {"so so"}, {"glad"}},
                        {"integer", {"7", "+7", " 7"}, {"x", "7.5"}},
                        {"numeric", {"1.50", "1.5", "15e-1"}, {"x"}},
                        {"jsonb", {R"({"a": 1})", R"({"a":1})"}, {"{"}}};
  std::vector<std::string> tables;
  for (std::size_t at = 0; at < std::size(cases); ++at) tables.push_back("t" + std::to_string(at));
  start_with(tables);
  for (std::size_t at = 0; at < std::size(cases); ++at) {
    const Case& one = cases[at];
    const std::string& table = tables[at];
    SCOPED_TRACE(one.type);
    sql_.run("CREATE TABLE " + table + " (id " + one.type + " PRIMARY KEY, n int);" +
             "INSERT INTO " + table + " VALUES ('" + one.found[0] + "')");
    const auto by_url = [&](const std::string& key) {
      return send("PUT", "/" + table + "/" + net::percent_encode(key), R"({"n":1})").status;
    };
    const auto by_name = [&](const std::string& key) {
      const Json id = key == "true" ? Json(true) : Json(key);
      const Json change = {
          {"table", table}, {"operation", "update"}, {"key", {{"id", id}}}, {"value", {{"n", 2}}}};
      const Json body = {{{"id", "e"}, {"changes", {change}}}};
      return send("POST", "/changes", body.dump()).json()["outcomes"][0]["status"] == "OK";
    };
    for (const std::string& key : one.found) {
      EXPECT_EQ(by_url(key), 200) << key;
      EXPECT_EQ(sql_.value("SELECT n FROM " + table), "1");
      EXPECT_TRUE(by_name(key)) << key;
      EXPECT_EQ(sql_.value("SELECT n FROM " + table), "2");
    }
    for (const std::string& key : one.refused) {
      EXPECT_EQ(by_url(key), 400) << key;
      EXPECT_FALSE(by_name(key)) << key;
    }
    EXPECT_EQ(verdict("DELETE", "/" + table + "/" + net::percent_encode(one.found[0])), "200");
    EXPECT_EQ(sql_.value("SELECT count(*) FROM " + table), "0");
  }
}

TEST_F(BackendValues, FindsRowsByTheOperatorOfTheKeysIndex) {
  sql_.run(R"sql(
    CREATE SCHEMA "Ext s"; CREATE EXTENSION citext SCHEMA "Ext s";
    CREATE EXTENSION ltree SCHEMA "Ext s"; CREATE EXTENSION hstore SCHEMA "Ext s";
    CREATE DOMAIN name_d AS "Ext s".citext; CREATE DOMAIN name_dd AS name_d;
    CREATE TYPE mood AS ENUM ('sad', 'so so'); CREATE DOMAIN mood_d AS mood;
    CREATE TYPE pair AS (a int, b text); CREATE DOMAIN list AS int[];
    CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE DOMAIN loose_d AS text COLLATE loose)sql");
  struct Case {
    const char* type;
    const char* stored;
    const char* asked;
  };
  const Case cases[] = {{R"("Ext s".citext)", "ab", "aB"},
                        {"name_d", "ab", "aB"},
                        {"name_dd", "ab", "aB"},
                        {R"("Ext s".ltree)", "top.low", "top.low"},
                        {R"("Ext s".hstore)", R"("a"=>"1")", "a=>1"},
                        {"mood", "so so", "so so"},
                        {"mood_d", "so so", "so so"},
                        {"list", "{1,2}", "{1, 2}"},
                        {"int4range", "[1,3)", "[1,2]"},
                        {"pair", "(1,x)", "(1,x)"},
                        {"text COLLATE loose", "ab", "aB"},
                        {"loose_d", "ab", "aB"},
                        {"varchar(3)", "ab", "ab"},
                        {"char(3)", "ab", "ab "},
                        {"cidr", "10.0.0.0/8", "10/8"},
                        {"\"char\"", "c", "c"},
                        {"bit(3)", "101", "101"},
                        {"numeric", "1.0", "1.00"}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.type);
    sql_.run("DROP TABLE IF EXISTS t; CREATE TABLE t (note text, id " + std::string(one.type) +
             ", n int, PRIMARY KEY (n, id)); INSERT INTO t VALUES ('x', '" + one.stored + "', 1)");
    start_with({"t"});
    const std::string target = "/t/1/" + net::percent_encode(one.asked);
    EXPECT_EQ(verdict("PUT", target, R"({"note":"y"})"), "200");
    EXPECT_EQ(sql_.value("SELECT note FROM t"), "y");
    EXPECT_EQ(verdict("DELETE", target), "200");
    EXPECT_EQ(sql_.value("SELECT count(*) FROM t"), "0");
  }
}

TEST_F(BackendValues, SetsDefaultsOfTheConfigurationWhereAnInsertNamesNoValue) {
  sql_.run("CREATE TABLE t (id int PRIMARY KEY, done boolean NOT NULL, n numeric, note text)");
  auto with_defaults = options();
  with_defaults.tables = {"t"};
  with_defaults.table_options = {{"t", {}, {{"done", "false"}, {"n", "1.10"}, {"note", "\"x\""}}}};
  start(with_defaults);
  const std::string body = R"({"id":1)" + with_write_id(1) + "}";
  const RawResponse first = send("POST", "/t", body);
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(verdict("POST", "/t", R"({"id":2,"done":true,"n":2,"note":null})"), "200");
  EXPECT_EQ(verdict("POST", "/t", R"({"id":3,"done":null})"), "409 23502 done");
  EXPECT_EQ(change(R"("operation":"insert","value":{"id":4})"), "200");
  EXPECT_EQ(verdict("PUT", "/t/2", R"({"n":3})"), "200") << "defaults are for inserts";
  EXPECT_EQ(sql_.value("SELECT string_agg(concat_ws(' ', id, done, n, note), ', ' ORDER BY id)"
                       " FROM t"),
            "1 f 1.10 x, 2 t 3, 4 f 1.10 x");
  // A repeat is the same write by whichever route it comes, and whatever the configuration is then.
  const std::string element = R"([{"id":"e","write_id":")" + uuid(1) +
                              R"(","changes":[{"operation":"insert","value":{"id":1}}]}])";
  EXPECT_EQ(send("POST", "/changes", element).json()["outcomes"][0]["txid"], first.json()["txid"]);
  start_with({"t"});
  EXPECT_EQ(send("POST", "/t", body).json()["txid"], first.json()["txid"]);
  EXPECT_EQ(verdict("POST", "/t", R"({"id":9})"), "409 23502 done");
}

TEST_F(BackendValues, KnowsNoColumnThatTheConfigurationLeavesOut) {
  sql_.run(
      "CREATE TABLE t (id int PRIMARY KEY, secret text, "
      "twice int GENERATED ALWAYS AS (id * 2) STORED)");
  auto without = options();
  without.tables = {"t"};
  without.table_options = {{"t", {"secret", "twice"}, {}}};
  start(without);
  EXPECT_EQ(verdict("POST", "/t", R"({"id":1})"), "200");
  for (const char* column : {"secret", "twice"}) {
    const std::string body = R"({")" + std::string(column) + R"(":"1"})";
    const RawResponse answer = send("PUT", "/t/1", body);
    EXPECT_EQ(verdict_of(answer.status, answer.json()), std::string("400 ") + column);
    EXPECT_NE(answer.body.find("columns_except"), std::string::npos) << answer.body;
    EXPECT_EQ(change(R"("operation":"update","key":{"id":1},"value":)" + body), "400");
  }
  const std::string description = send("GET", "/openapi.json").body;
  EXPECT_EQ(description.find("secret"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
  without.table_options = {{"other", {"a"}, {}}};
  EXPECT_FALSE(backend::start_backend(without));
}

TEST_F(BackendValues, ReportsAColumnLeftOutThatTheTableDoesNotHave) {
  sql_.run("CREATE TABLE t (id int PRIMARY KEY, secret text)");
  auto misspelt = options();
  misspelt.tables = {"t", "absent"};
  misspelt.table_options = {{"t", {"sekret"}, {}}, {"absent", {"a"}, {}}};
  start(misspelt);
  std::string said;
  EXPECT_TRUE(eventually([&] {
    said = send("GET", "/ready").body;
    return said.find("sekret") != std::string::npos;
  }));
  EXPECT_NE(said.find("has no column"), std::string::npos) << said;
  EXPECT_NE(said.find("it has id, secret."), std::string::npos) << said;
  sql_.run("ALTER TABLE t RENAME secret TO sekret");
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
}

TEST_F(BackendValues, ReportsADefaultThatTheTableDoesNotTake) {
  struct Case {
    const char* column;
    const char* value;
    const char* reason;  ///< Null: none.
  };
  const Case cases[] = {
      {"nope", "1", R"(no column \"nope\")"},
      {"twice", "1", R"(column \"twice\")"},
      {"n", "\"seven\"", R"(Column \"n\": invalid input syntax)"},
      {"n", "true", R"(Column \"n\" of t (integer) takes a number)"},
      {"small", "11", R"(Column \"small\": value for domain)"},
      {"short", "\"long\"", "too long"},
      {"n", "\"7\"", nullptr},
      {"short", "null", nullptr},
  };
  sql_.run(
      "CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE TABLE t (id int PRIMARY KEY, n int,"
      " small small, short varchar(2), twice int GENERATED ALWAYS AS (id * 2) STORED)");
  for (const Case& one : cases) {
    auto changed = options();
    changed.tables = {"t", "absent"};
    changed.table_options = {{"t", {}, {{one.column, one.value}}}, {"absent", {}, {{"a", "1"}}}};
    start(changed);
    const std::string wanted = one.reason == nullptr ? R"("reasons":[])" : one.reason;
    std::string said;
    EXPECT_TRUE(eventually([&] {
      said = send("GET", "/ready").body;
      return said.find(wanted) != std::string::npos;
    })) << one.column
        << one.value << said;
    if (one.reason == nullptr) continue;
    EXPECT_NE(said.find("The table t does"), std::string::npos) << said;
    EXPECT_NE(said.find("insert_defaults"), std::string::npos) << said;
  }
  auto later = options();
  later.tables = {"t"};
  later.table_options = {{"t", {}, {{"n", "\"seven\""}}}};
  start(later);
  EXPECT_TRUE(
      eventually([&] { return send("GET", "/ready").body.find("seven") != std::string::npos; }));
  sql_.run("ALTER TABLE t ALTER n TYPE text");
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
}

TEST_F(BackendValues, SetsNoWriteIdThatTheConfigurationLeavesOut) {
  auto without = options();
  without.table_options = {{"items", {"write_id"}, {}}};
  start(without);
  sql_.run("ALTER TABLE items ALTER write_id SET DEFAULT '" + uuid(77) + "'");
  const auto write_id = [&] { return sql_.value("SELECT write_id FROM items"); };
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  EXPECT_EQ(write_id(), uuid(77));
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"title":"b")" + with_write_id(2) + "}"), "200");
  EXPECT_EQ(write_id(), uuid(77));
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"write_id":")" + uuid(3) + "\"}"), "400");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM patchbay.outcomes WHERE status = 200"), "2");
}

TEST_F(BackendValues, RecordsAnElementWithoutChanges) {
  start();
  const std::string body = R"([{"id":"e","write_id":")" + uuid(1) + R"(","changes":[]}])";
  const RawResponse first = send("POST", "/changes", body);
  ASSERT_EQ(first.status, 200) << first.body;
  const Json outcome = first.json()["outcomes"][0];
  EXPECT_EQ(outcome["status"], "OK");
  EXPECT_TRUE(outcome.contains("lsn"));
  EXPECT_EQ(send("POST", "/changes", body).json()["outcomes"][0]["txid"], outcome["txid"]);
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "422") << "another write";
  EXPECT_EQ(send("POST", "/changes", R"([{"id":"e","changes":[]}])").status, 200);
}

TEST_F(BackendValues, AnswersHeadAsGetWithoutItsBody) {
  start();
  for (const char* path :
       {"/health", "/metrics", "/openapi.json", "/items", "/none", "/a/b/c", "/writes/x"}) {
    const RawResponse head = send("HEAD", path);
    const RawResponse get = send("GET", path);
    EXPECT_EQ(head.status, get.status) << path;
    EXPECT_EQ(head.body, "") << path;
  }
  for (const char* path : {"/changes", "/items/1"}) {
    const RawResponse head = send("HEAD", path);
    EXPECT_EQ(head.status, 405) << path;
    EXPECT_NE(head.head.find("allow: "), std::string::npos) << path;
  }
}

TEST_F(BackendValues, HaveTheStreamsTextWhateverTheUrlsOptionsSay) {
  std::string options;
  for (const char* setting :
       {"DateStyle%3DGerman", "TimeZone%3DAsia/Tokyo", "IntervalStyle%3Dsql_standard",
        "bytea_output%3Descape", "extra_float_digits%3D-9", "array_nulls%3Doff"}) {
    options += std::string("-c%20") + setting + "%20";
  }
  backend::Session session(database_.url() + "?options=" + options + "&client_encoding=LATIN1");
  ASSERT_TRUE(session.open());
  const auto row = session.run(
      {"SELECT concat_ws(' ', '2026-02-03 04:05:06+00'::timestamptz, '1 day 2 hours'::interval,"
       " 'a'::bytea, 0.1::float8 + 0.2::float8, '{NULL}'::text[] = ARRAY[NULL::text], 'ü')",
       {}});
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->text(0, 0), "2026-02-03 04:05:06+00 P1DT2H \\x61 0.30000000000000004 t ü");
}

}  // namespace
}  // namespace patchbay::test
