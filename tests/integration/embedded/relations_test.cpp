// Every kind of relation that PostgreSQL has: read by the sync service and written by the backend
// alike, or refused by both with the same reason. docs/sync-service.md has the list.
#include <map>

#include "backend/backend.hpp"
#include "strict_follower.hpp"

namespace patchbay::test {
namespace {

/// The rows of a table by key, each column as PostgreSQL's text.
using RowsByKey = std::map<std::string, Json>;

struct Served {
  const char* name;
  const char* setup;
  std::string table = "t";  ///< As requests name it.
};
struct Refused {
  const char* name;
  const char* setup;
  std::string table;
  const char* reason;
};

class Relations : public SyncTest {
 protected:
  void start_both(const std::string& table) {
    backend::BackendOptions backend;
    backend.database_url = database_.url();
    backend.tables = {table};
    auto started = backend::start_backend(backend);
    if (!started) throw std::runtime_error(started.error().message);
    backend_ = std::move(*started);
    writer_ = std::make_unique<SyncClient>(backend_->port());
    options_.tables = {table};
    start();
  }
  /// One element of POST /changes: its outcome's status and message.
  std::pair<int, std::string> write(const Json& change) {
    const std::string digits = std::to_string(++writes_);
    const std::string id =
        "0190aaaa-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
    net::HttpRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(backend_->port()) + "/changes";
    request.headers = {{"content-type", "application/json"}};
    request.body = Json::array({{{"id", "1"}, {"write_id", id}, {"changes", {change}}}}).dump();
    auto promise = std::make_shared<std::promise<net::HttpResponse>>();
    http_->send(std::move(request), [promise](Result<net::HttpResponse> response) {
      promise->set_value(response ? *response : net::HttpResponse{0, {}, response.error().message});
    });
    const auto answer = promise->get_future().get();
    return {answer.status, answer.body};
  }
  RowsByKey selected(const std::string& table) {
    RowsByKey rows;
    const auto columns = sql_.rows("SELECT attname FROM pg_attribute WHERE attrelid = '" + table +
                                   "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1");
    for (const auto& column : columns) {
      for (const auto& row : sql_.rows("SELECT id, \"" + *column[0] + "\" FROM ONLY " + table)) {
        rows[*row[0]][*column[0]] = row[1] ? Json(*row[1]) : Json();
      }
    }
    return rows;
  }
  static RowsByKey followed(const StrictFollower& follower) {
    RowsByKey rows;
    for (const auto& [key, value] : follower.rows()) rows[value["id"].get<std::string>()] = value;
    return rows;
  }

  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<SyncClient> writer_;
  std::unique_ptr<net::HttpClient> http_ = net::make_http_client();
  int writes_ = 0;
};

class ServedRelations : public Relations, public testing::WithParamInterface<Served> {};
class RefusedRelations : public Relations, public testing::WithParamInterface<Refused> {};

TEST_P(ServedRelations, AreReadAndWrittenAlike) {
  const Served& relation = GetParam();
  sql_.run(relation.setup);
  start_both(relation.table);
  const std::string table = net::percent_encode(relation.table);
  StrictFollower follower(*client_, table);
  ASSERT_TRUE(follower.follow_to(0)) << get("/v1/shape?offset=-1&table=" + table).body;
  const auto insert = [&](const char* id, const char* note) {
    return Json{{"operation", "insert"},
                {"table", relation.table},
                {"value", {{"id", id}, {"note", note}}}};
  };
  for (const Json& change : {insert("1", "a"), insert("2", "b"), insert("3", "c")}) {
    const auto [status, said] = write(change);
    ASSERT_EQ(status, 200) << said;
  }
  auto update = insert("1", "changed");
  update["operation"] = "update";
  update["key"] = {{"id", "1"}};
  update["value"].erase("id");
  EXPECT_EQ(write(update).second.find("errors"), std::string::npos);
  EXPECT_EQ(write({{"operation", "delete"}, {"table", relation.table}, {"key", {{"id", "2"}}}})
                .second.find("errors"),
            std::string::npos);
  const RowsByKey expected = selected(relation.table);
  ASSERT_EQ(expected.at("1").at("note"), "changed");
  EXPECT_FALSE(expected.contains("2"));
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return followed(follower) == expected;
  })) << Json(followed(follower))
      << " and not " << Json(expected);
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
  StrictFollower snapshot(*client_, table, "&replica=full");
  ASSERT_EQ(snapshot.step(), 200);
  EXPECT_EQ(followed(snapshot), expected);
  // Rows of other tables that inherit from this one are not its own.
  EXPECT_EQ(sql_.value("SELECT to_regclass('child') IS NOT NULL"),
            relation.name == std::string("Inherited") ? "t" : "f");
  if (relation.name == std::string("Inherited")) {
    EXPECT_EQ(sql_.value("SELECT string_agg(id || note, ' ' ORDER BY id) FROM child"), "1x 2x");
  }
}

TEST_P(RefusedRelations, AreRefusedByBothWithTheSameReason) {
  const Refused& relation = GetParam();
  sql_.run(relation.setup);
  start_both(relation.table);
  const auto read = get("/v1/shape?offset=-1&table=" + net::percent_encode(relation.table));
  EXPECT_EQ(read.status, 400);
  EXPECT_NE(read.body.find(relation.reason), std::string::npos) << read.body;
  const auto [status, said] =
      write({{"operation", "insert"}, {"table", relation.table}, {"value", {{"id", "1"}}}});
  EXPECT_NE(said.find(relation.reason), std::string::npos) << status << " " << said;
  EXPECT_EQ(sql_.value("SELECT count(*) FROM pg_publication_tables"), "0");
}

const Served kServed[] = {
    {"Ordinary", "CREATE TABLE t (id int PRIMARY KEY, note text)"},
    {"WithRowsBefore",
     "CREATE TABLE t (id int PRIMARY KEY, note text); "
     "INSERT INTO t VALUES (9, 'before')"},
    {"Partition",
     "CREATE TABLE whole (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);"
     "CREATE TABLE t PARTITION OF whole FOR VALUES FROM (0) TO (10)"},
    {"PartitionWithOtherColumnOrder",
     "CREATE TABLE whole (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);"
     "CREATE TABLE t (gone int, note text, id int PRIMARY KEY); ALTER TABLE t DROP COLUMN gone;"
     "ALTER TABLE whole ATTACH PARTITION t FOR VALUES FROM (0) TO (10)"},
    {"Inherited",
     "CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE child () INHERITS (t);"
     "INSERT INTO child VALUES (1, 'x'), (2, 'x')"},
    {"Child",
     "CREATE TABLE parent (id int, note text);"
     "CREATE TABLE t (PRIMARY KEY (id)) INHERITS (parent)"},
    {"Typed",
     "CREATE TYPE shape AS (id int, note text); CREATE TABLE t OF shape (PRIMARY KEY (id))"},
    {"IdentityByDefault",
     "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, note text)"},
    {"IdentityAlways",
     "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)"},
    {"OtherIdentityAlways",
     "CREATE TABLE t (id int PRIMARY KEY, note text, n int GENERATED ALWAYS AS IDENTITY)"},
    {"KeyThatIncludes", "CREATE TABLE t (id int, note text, PRIMARY KEY (id) INCLUDE (note))"},
    {"Excluding",
     "CREATE TABLE t (id int PRIMARY KEY, note text, EXCLUDE USING btree (note WITH =))"},
    {"DroppedColumns",
     "CREATE TABLE t (a int, id int PRIMARY KEY, b text, note text, c int DEFAULT 7);"
     "ALTER TABLE t DROP COLUMN a, DROP COLUMN b"},
    {"ValuesOfEveryMake",
     "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text);"
     "CREATE DOMAIN small AS int CHECK (VALUE < 10);"
     "CREATE TABLE t (id int PRIMARY KEY, note text, m mood DEFAULT 'ok',"
     " p pair DEFAULT '(1,\"x, y\")', s small DEFAULT 3, r int4range DEFAULT '[1,5)',"
     " a text[] DEFAULT '{a,NULL,\"b c\"}', d small[] DEFAULT '{1,2}', j jsonb DEFAULT '{\"a\": "
     "1}',"
     " x bytea DEFAULT '\\x00ff', n numeric DEFAULT 1.50)"},
    {"LargeValues",
     "CREATE TABLE t (id int PRIMARY KEY, note text, big text DEFAULT repeat('x', 100000));"
     "ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL"},
    {"OtherSchema", "CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY, note text)",
     "app.t"},
    {"OddName", "CREATE TABLE \"Od\"\"d.t ä/\" (id int PRIMARY KEY, note text)",
     "\"Od\"\"d.t ä/\""},
    {"OfAnExtension",
     "CREATE TABLE t (id int PRIMARY KEY, note text); ALTER EXTENSION plpgsql ADD TABLE t"},
    {"RulesThatAdd",
     "CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE log (id int);"
     "CREATE RULE adds AS ON INSERT TO t DO ALSO INSERT INTO log VALUES (NEW.id)"},
    {"RowSecurityThatTheRolePasses",
     "CREATE TABLE t (id int PRIMARY KEY, note text); ALTER TABLE t ENABLE ROW LEVEL SECURITY,"
     "FORCE ROW LEVEL SECURITY; INSERT INTO t VALUES (9, 'hidden from others')"},
};

const Refused kRefused[] = {
    {"View", "CREATE VIEW t AS SELECT 1 AS id", "t", "is a view"},
    {"ViewThatCanBeUpdated",
     "CREATE TABLE base (id int PRIMARY KEY); CREATE VIEW t AS SELECT * FROM base", "t",
     "is a view"},
    {"MaterializedView", "CREATE MATERIALIZED VIEW t AS SELECT 1 AS id", "t",
     "is a materialized view"},
    {"ForeignTable",
     "CREATE FOREIGN DATA WRAPPER none; CREATE SERVER away FOREIGN DATA WRAPPER none;"
     "CREATE FOREIGN TABLE t (id int) SERVER away",
     "t", "is a foreign table"},
    {"Sequence", "CREATE SEQUENCE t", "t", "is a sequence"},
    {"Index", "CREATE TABLE base (id int); CREATE INDEX t ON base (id)", "t", "is an index"},
    {"IndexOfPartitions",
     "CREATE TABLE base (id int) PARTITION BY LIST (id); CREATE INDEX t ON base (id)", "t",
     "is an index"},
    {"Type", "CREATE TYPE t AS (id int)", "t", "is a type"},
    {"Unlogged", "CREATE UNLOGGED TABLE t (id int PRIMARY KEY)", "t", "temporary or unlogged"},
    {"Keyless", "CREATE TABLE t (id int)", "t", "has no primary key"},
    {"UniqueOnly", "CREATE TABLE t (id int UNIQUE NOT NULL)", "t", "has no primary key"},
    {"DeferrableKey", "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE)", "t", "deferrable"},
    {"SystemCatalogue", "SELECT 1", "pg_catalog.pg_class", "belongs to PostgreSQL itself"},
    {"InformationSchema", "SELECT 1", "information_schema.sql_parts",
     "belongs to PostgreSQL itself"},
};

const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Relation, ServedRelations, testing::ValuesIn(kServed), kName);
INSTANTIATE_TEST_SUITE_P(Relation, RefusedRelations, testing::ValuesIn(kRefused), kName);

/// A temporary table is another session's own, whose schema has a number.
TEST_F(Relations, TemporaryTablesAreRefused) {
  sql_.run("CREATE TEMPORARY TABLE mine (id int PRIMARY KEY)");
  const std::string schema = sql_.value("SELECT pg_my_temp_schema()::regnamespace");
  start_both(schema + ".mine");
  const auto read = get("/v1/shape?offset=-1&table=" + schema + ".mine");
  EXPECT_NE(read.body.find("temporary or unlogged"), std::string::npos) << read.body;
}

/// Relations that only this service cannot follow; the backend writes them for hosts that follow
/// Electric.
TEST_F(Relations, OfOneKindAreLeftToElectric) {
  sql_.run(
      "CREATE TABLE whole (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);"
      "CREATE TABLE low PARTITION OF whole DEFAULT PARTITION BY LIST (id);"
      "CREATE TABLE made (id int, twice int GENERATED ALWAYS AS (id * 2) STORED PRIMARY KEY)");
  options_.tables = {"*"};
  start();
  const auto why = [&](const char* table) {
    return get("/v1/shape?offset=-1&table=" + std::string(table)).body;
  };
  EXPECT_NE(why("whole").find("is partitioned"), std::string::npos) << why("whole");
  EXPECT_NE(why("low").find("is partitioned"), std::string::npos) << why("low");
  EXPECT_NE(why("made").find("generated"), std::string::npos) << why("made");
}

/// The stream knows nothing of row security, the snapshot would.
TEST_F(Relations, WithRowsThatAreHiddenFromTheServiceAreRefused) {
  const std::string role = "reader_" + database_.name();
  sql_.run("CREATE ROLE " + role + " REPLICATION; GRANT CREATE ON DATABASE " + database_.name() +
           " TO " + role +
           "; CREATE TABLE t (id int PRIMARY KEY);"
           "ALTER TABLE t OWNER TO " +
           role +
           ";"
           "ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
  options_.database_url = database_.url_as(role);
  start();
  const auto read = get("/v1/shape?offset=-1&table=t");
  EXPECT_EQ(read.status, 400);
  EXPECT_NE(read.body.find("row security"), std::string::npos) << read.body;
  EXPECT_EQ(sql_.value("SELECT relreplident FROM pg_class WHERE relname = 't'"), "d");
}

}  // namespace
}  // namespace patchbay::test
