// Every status of a write, every type, every kind of name, on a real PostgreSQL.
#include "integration/backend/backend_fixture.hpp"

namespace patchbay::test {
namespace {

class BackendWrites : public BackendTest {};

struct VerdictCase {
  const char* verdict;
  const char* method;
  std::string target;
  std::string body;
};

const std::vector<VerdictCase> kVerdicts = {
    {"200", "POST", "/items", item(1, "a")},
    {"409 23505 items_pkey", "POST", "/items", item(1, "b")},
    {"409 23514 items_title_check", "POST", "/items", item(2, "bad")},
    {"409 23502 title", "POST", "/items", R"({"id":")" + uuid(2) + "\"}"},
    {"409 23502 title", "PUT", "/items/" + uuid(1), R"({"title":null})"},
    {"409 23503 boxes_item_fkey", "POST", "/boxes", R"({"id":5,"item":")" + uuid(5) + "\"}"},
    {"400 22P02 id", "PUT", "/items/nope", R"({"title":"x"})"},
    {"400 22P02 id", "DELETE", "/items/1", ""},
    {"400 22P02 id", "POST", "/items", R"({"id":"nope","title":"x"})"},
    {"400 22P02 size", "PUT", "/boxes/1", R"({"size":"abc"})"},
    {"400 22P02 size", "PUT", "/boxes/1", R"({"size":1.5})"},
    {"400 22003 size", "PUT", "/boxes/1", R"({"size":40000})"},
    {"400 22003 id", "PUT", "/boxes/99999999999999999999", R"({"size":1})"},
    {"400 22001", "PUT", "/boxes/1", R"({"code":"abcd"})"},
    {"400 22021 id", "DELETE", "/items/%ff", ""},
    {"400 22021", "DELETE", "/items/a%00b", ""},
    {"422 428C9", "PUT", "/boxes/1", R"({"made":2})"},
    {"400 title", "PUT", "/items/" + uuid(1), R"({"title":7})"},
    {"400 nope", "PUT", "/items/" + uuid(1), R"({"nope":7})"},
    {"400", "PUT", "/items/" + uuid(1), "{}"},
    {"200", "PUT", "/items/" + uuid(1), R"({"id":")" + uuid(1) + "\"}"},
    {"400", "PUT", "/items/" + uuid(1) + "/x", R"({"title":"x"})"},
    {"400", "POST", "/items", "{\"id\":\"\\u0000\"}"},
    {"400", "POST", "/items", "{\"id\":\"\xff\"}"},
    {"400", "POST", "/items", R"({"title":"x","title":"y"})"},
    {"404", "PUT", "/items/" + uuid(7), R"({"title":"x"})"},
    {"404", "POST", "/other", "{}"},
    {"404", "POST", "/heap", R"({"a":1})"},
    {"404", "POST", "/missing", "{}"},
    {"403 42501", "POST", "/locked", R"({"id":1})"},
    {"422 P0001", "POST", "/poison", R"({"id":1,"code":"P0001"})"},
    {"503", "POST", "/poison", R"({"id":1,"code":"40001"})"},
    {"503", "POST", "/poison", R"({"id":1,"code":"53100"})"},
    {"503", "POST", "/poison", R"({"id":1,"code":"08006"})"},
    {"503", "POST", "/poison", R"({"id":1,"code":"XX000"})"},
    {"503", "POST", "/poison", R"({"id":1,"code":"55P03"})"},
    {"503", "POST", "/poison", R"({"id":1,"code":"25006"})"},
    {"405", "PATCH", "/items", "{}"},
    {"404", "POST", "/changes/1", "{}"}};

TEST_F(BackendWrites, InsertsUpdatesAndDeletes) {
  start();
  const RawResponse inserted = send("POST", "/items", item(1, "milk", with_write_id(9)));
  ASSERT_EQ(inserted.status, 200) << inserted.body;
  const Json body = inserted.json();
  EXPECT_EQ(body["status"], "OK");
  const auto row = sql_.rows("SELECT xmin::text, title, done, write_id FROM items").at(0);
  EXPECT_EQ(body["txid"], row[0]);
  EXPECT_EQ(row[3], uuid(9));
  EXPECT_EQ(sql_.value("SELECT '" + body["lsn"].get<std::string>() +
                       "'::numeric <= pg_current_wal_lsn() - '0/0'"),
            "t");
  EXPECT_EQ(body["system"], sql_.value("SELECT system_identifier || '/00000001' FROM "
                                       "pg_control_system()"));

  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"done":true})"), "200");
  EXPECT_EQ(sql_.value("SELECT title || done || coalesce(write_id::text, ' none') FROM items"),
            "milktrue none");
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"write_id":")" + uuid(8) + "\"}"), "200");
  EXPECT_EQ(sql_.value("SELECT title || done || write_id FROM items"), "milktrue" + uuid(8));
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(7), R"({"write_id":")" + uuid(7) + "\"}"), "404");
  EXPECT_EQ(verdict("DELETE", "/items/" + uuid(1)), "200");
  EXPECT_EQ(verdict("DELETE", "/items/" + uuid(1)), "200");
  EXPECT_EQ(titles(), "");
}

TEST_F(BackendWrites, GivesEveryVerdict) {
  sql_.run(R"sql(
    CREATE TABLE boxes (id int PRIMARY KEY,
      item uuid REFERENCES items DEFERRABLE INITIALLY DEFERRED,
      size smallint, code varchar(3), made int GENERATED ALWAYS AS (1) STORED);
    CREATE TABLE locked (id int PRIMARY KEY);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'no %', NEW.id USING ERRCODE = NEW.code; END $$;
    CREATE TABLE poison (id int PRIMARY KEY, code text);
    CREATE TRIGGER refuse BEFORE INSERT ON poison FOR EACH ROW EXECUTE FUNCTION refuse();
    CREATE TABLE heap (a int); INSERT INTO boxes VALUES (1);
    CREATE ROLE writer LOGIN;
    GRANT CREATE ON DATABASE )sql" +
           database_.name() + R"sql( TO writer;
    GRANT ALL ON items, boxes, poison TO writer)sql");
  auto changed = options();
  changed.database_url = database_.url_as("writer");
  changed.tables = {"items", "boxes", "locked", "poison", "heap", "missing"};
  start(changed);
  for (const VerdictCase& one : kVerdicts) {
    EXPECT_EQ(verdict(one.method, one.target, one.body), one.verdict) << one.target << one.body;
  }
  EXPECT_EQ(titles(), "a");
}

TEST_F(BackendWrites, SaysRetryAfterWithEvery503AndNeverNamesTheWrite) {
  sql_.run(R"sql(
    CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'later' USING ERRCODE = '53200'; END $$;
    CREATE TRIGGER later BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION later())sql");
  start();
  const RawResponse response = send("POST", "/items", item(1, "a", with_write_id(1)));
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.head.find("retry-after: 1"), std::string::npos);
  EXPECT_FALSE(response.json().contains("write_id"));
}

struct TypeCase {
  const char* column;
  const char* given;
  const char* stored;  // null: refused
};
const TypeCase kTypes[] = {
    {"v_int8", "9007199254740993", "9007199254740993"},
    {"v_int8", "\"-9223372036854775808\"", "-9223372036854775808"},
    {"v_int8", "9223372036854775808", nullptr},
    {"v_numeric", "1.10", "1.10"},
    {"v_numeric", "123456789012345678901234567890.123456789",
     "123456789012345678901234567890.123456789"},
    {"v_numeric", "\"NaN\"", "NaN"},
    {"v_fixed", "1.005", "1.01"},
    {"v_float", "0.1", "0.1"},
    {"v_float", "\"Infinity\"", "Infinity"},
    {"v_bool", "true", "true"},
    {"v_bool", "\"true\"", nullptr},
    {"v_bytea", R"("\\x00ff")", "\\x00ff"},
    {"v_bytea", R"("\\xzz")", nullptr},
    {"v_jsonb", R"({"n":1.10,"a":[null]})", R"({"a": [null], "n": 1.10})"},
    {"v_jsonb", R"("{\"n\":1.10}")", R"({"n": 1.10})"},
    {"v_jsonb", "1.50", "1.50"},
    {"v_jsonb", R"("nope")", nullptr},
    {"v_jsonb", R"("\"text\"")", "\"text\""},
    {"v_json", R"({"b":1, "a":2})", R"({"b":1,"a":2})"},
    {"v_tz", R"("2024-03-01T10:00:00+02:00")", "2024-03-01 08:00:00+00"},
    {"v_tz", R"("2024-03-01 10:00:00")", "2024-03-01 10:00:00+00"},
    {"v_tz", "1700000000", nullptr},
    {"v_ts", R"("2024-03-01 10:00:00.123456")", "2024-03-01 10:00:00.123456"},
    {"v_date", R"("2024-02-30")", nullptr},
    {"v_ints", R"("{1,NULL,3}")", "{1,NULL,3}"},
    {"v_ints", "[1,2]", nullptr},
    {"v_texts", R"("{a,\"b c\",\"\\\"\"}")", R"({a,"b c","\""})"},
    {"v_uuid", R"("0190AAAA-0000-7000-8000-00000000000A")", "0190aaaa-0000-7000-8000-00000000000a"},
    {"v_char", R"("ab")", "ab   "},
    {"v_char", R"("abcdef")", nullptr},
    {"v_varchar", R"("äöü€")", "äöü€"},
    {"v_varchar", R"("123456789")", nullptr},
    {"v_bit", R"("1010")", "1010"},
    {"v_bit", R"("1")", nullptr},
    {"v_interval", R"("P1DT2H")", "P1DT2H"},
    {"v_mood", R"("happy")", "happy"},
    {"v_mood", R"("angry")", nullptr},
    {"v_small", "9", "9"},
    {"v_small", "10", nullptr},
    {"v_inet", R"("10.0.0.1")", "10.0.0.1/32"},
    {"v_varchar", R"("'; DROP TA")", nullptr},
    {"v_varchar", R"("';--$1")", "';--$1"},
    {"v_varchar", "null", ""}};

TEST_F(BackendWrites, KeepsEveryTypeExactly) {
  sql_.run(R"sql(
    CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN small AS int CHECK (VALUE < 10);
    CREATE TABLE kinds (id int PRIMARY KEY, v_int8 int8, v_numeric numeric, v_fixed numeric(10,2),
      v_float float8, v_bool bool, v_bytea bytea, v_jsonb jsonb, v_json json, v_tz timestamptz,
      v_ts timestamp, v_date date, v_ints int[], v_texts text[], v_uuid uuid, v_char char(5),
      v_varchar varchar(8), v_bit bit(4), v_interval interval, v_mood mood, v_small small,
      v_inet inet))sql");
  start_with({"kinds"});
  sql_.run("SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'");
  for (const TypeCase& one : kTypes) {
    sql_.run("DELETE FROM kinds");
    const std::string body =
        R"({"id":1,")" + std::string(one.column) + "\":" + std::string(one.given) + "}";
    const std::string status = verdict("POST", "/kinds", body).substr(0, 3);
    EXPECT_EQ(status == "200", one.stored != nullptr) << body << " " << status;
    EXPECT_TRUE(status == "200" || status[0] == '4') << body << " " << status;
    const std::string cast = std::string(one.column) == "v_char" ? "::bpchar" : "::text";
    const std::string stored =
        sql_.value("SELECT " + std::string(one.column) + cast + " FROM kinds WHERE id = 1");
    EXPECT_EQ(stored, one.stored == nullptr ? "" : one.stored) << body;
  }
}

TEST_F(BackendWrites, ReachesTablesOfAnyNameAndKey) {
  sql_.run(R"sql(
    CREATE SCHEMA "My App";
    CREATE TABLE "My App"."Odd ""one""" ("Key, ""k""" text, part int, "select" int, "$1" text,
      PRIMARY KEY (part, "Key, ""k"""));
    CREATE TABLE "Case" (id int PRIMARY KEY); CREATE TABLE "a.b" (ok bool PRIMARY KEY, n int))sql");
  const std::string odd = R"(My App."Odd ""one""")";
  start_with({odd, "Case", R"("a.b")"});
  const std::string path = "/My%20App.%22Odd%20%22%22one%22%22%22";
  EXPECT_EQ(verdict("POST", path, R"({"Key, \"k\"":"a/b c","part":7,"select":1,"$1":"x"})"), "200");
  EXPECT_EQ(verdict("PUT", path + "/7/a%2Fb%20c", R"({"select":2,"part":8})"), "200");
  EXPECT_EQ(sql_.value(R"(SELECT part || '|' || "Key, ""k""" || "select" || "$1" FROM )"
                       R"("My App"."Odd ""one""")"),
            "8|a/b c2x");
  EXPECT_EQ(verdict("DELETE", path + "/8"), "400");
  EXPECT_EQ(verdict("DELETE", path + "/8/a%2Fb%20c"), "200");
  EXPECT_EQ(sql_.value(R"(SELECT count(*) FROM "My App"."Odd ""one""")"), "0");
  EXPECT_EQ(verdict("POST", "/Case", R"({"id":1})"), "200");
  EXPECT_EQ(verdict("POST", "/case", R"({"id":2})"), "404");
  EXPECT_EQ(verdict("POST", "/%22a.b%22", R"({"ok":true})"), "200");
  EXPECT_EQ(verdict("PUT", "/%22a.b%22/true", R"({"n":5})"), "200");
  EXPECT_EQ(sql_.value(R"(SELECT n FROM "a.b")"), "5");
}

TEST_F(BackendWrites, FollowsChangesOfTheTable) {
  auto one_thread = options();
  one_thread.connections = 1;
  one_thread.tables = {"items", "later"};
  start(one_thread);
  EXPECT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"extra":"x"})"), "400 extra");
  sql_.run("ALTER TABLE items ADD extra text");
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"extra":"x"})"), "200");
  sql_.run("ALTER TABLE items DROP extra, DROP rank, ADD rank text");
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"rank":"first"})"), "200");
  EXPECT_EQ(verdict("PUT", "/items/" + uuid(1), R"({"extra":"x"})"), "400 extra");
  EXPECT_EQ(verdict("POST", "/later", R"({"id":1})"), "404");
  sql_.run("CREATE TABLE later (id int PRIMARY KEY)");
  EXPECT_EQ(verdict("POST", "/later", R"({"id":1})"), "200");
  sql_.run("DROP TABLE later");
  EXPECT_EQ(verdict("POST", "/later", R"({"id":1})"), "404");
}

TEST_F(BackendWrites, AppliesABatchElementByElement) {
  start();
  const auto insert = [](int key, const std::string& title) {
    return R"({"operation":"insert","value":)" + item(key, title) + R"(,"ignored":1})";
  };
  const std::string body =
      R"([{"id":"a","write_id":")" + uuid(1) + R"(","changes":[)" + insert(1, "a") + "," +
      insert(2, "b") + R"(]},{"id":"b","write_id":")" + uuid(2) + R"(","changes":[)" +
      insert(3, "c") + "," + insert(1, "again") + R"(]},{"id":"c","changes":[)" + insert(4, "d") +
      R"(,{"operation":"update","value":{"id":")" + uuid(1) +
      R"(","title":"A"}},{"operation":"delete","value":{"id":")" + uuid(2) + "\"}}]}]";
  const RawResponse response = send("POST", "/changes", body);
  ASSERT_EQ(response.status, 409) << response.body;
  const Json outcomes = response.json()["outcomes"];
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0]["status"], "OK");
  EXPECT_TRUE(outcomes[0].contains("txid") && outcomes[0].contains("lsn"));
  EXPECT_EQ(outcomes[1]["id"], "b");
  EXPECT_EQ(outcomes[1]["write_id"], uuid(2));
  EXPECT_EQ(verdict_of(outcomes[1]["status"], outcomes[1]), "409 23505 items_pkey");
  EXPECT_EQ(outcomes[2]["id"], "c");
  EXPECT_NE(outcomes[0]["txid"], outcomes[2]["txid"]);
  EXPECT_EQ(titles(), "A d");
  EXPECT_EQ(sql_.value("SELECT write_id FROM items WHERE title = 'd'"), "");
}

TEST_F(BackendWrites, MovesARowByItsKeyInABatch) {
  start();
  EXPECT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  EXPECT_EQ(verdict("POST", "/changes",
                    R"([{"id":"m","changes":[{"operation":"update","key":{"id":")" + uuid(1) +
                        R"("},"value":{"id":")" + uuid(2) + "\"}}]}]"),
            "200");
  EXPECT_EQ(sql_.value("SELECT id FROM items"), uuid(2));
}

TEST_F(BackendWrites, StopsABatchAtAnElementWithoutOutcome) {
  sql_.run(R"sql(
    CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.title = 'later' THEN RAISE EXCEPTION 'later' USING ERRCODE = '53200'; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER later BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION later())sql");
  start();
  const auto element = [](int number, const std::string& title) {
    return R"({"id":"e)" + std::to_string(number) + R"(","write_id":")" + uuid(number) +
           R"(","changes":[{"operation":"insert","value":)" + item(number, title) + "}]}";
  };
  const RawResponse response =
      send("POST", "/changes",
           "[" + element(1, "a") + "," + element(2, "later") + "," + element(3, "c") + "]");
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.head.find("retry-after"), std::string::npos);
  const Json outcomes = response.json()["outcomes"];
  EXPECT_EQ(outcomes[0]["status"], "OK");
  EXPECT_EQ(outcomes[1]["status"], 503);
  EXPECT_EQ(outcomes[2]["status"], 503);
  EXPECT_EQ(titles(), "a");
}

}  // namespace
}  // namespace patchbay::test
