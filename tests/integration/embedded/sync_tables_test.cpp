// Which tables the sync service serves: the configured ones. Any other gets the answer of a table
// that does not exist, and the database is left as it is.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "embedded/sync/served_tables.hpp"
#include "sync_fixture.hpp"

namespace patchbay::test {
namespace {

using embedded::ServedTables;
using embedded::TableName;

bool serves(const std::vector<std::string>& entries, const TableName& table) {
  return ServedTables::parse(entries).value().contains(table);
}

TEST(ServedTables, AreThoseNamed) {
  EXPECT_TRUE(serves({"items"}, {"public", "items"}));
  EXPECT_TRUE(serves({"Items"}, {"public", "items"}));
  EXPECT_TRUE(serves({R"("Items")"}, {"public", "Items"}));
  EXPECT_TRUE(serves({R"("my.app"."a""b")"}, {"my.app", "a\"b"}));
  EXPECT_TRUE(serves({"a", "app.items"}, {"app", "items"}));
  EXPECT_FALSE(serves({"items"}, {"public", "Items"}));
  EXPECT_FALSE(serves({"items"}, {"app", "items"}));
  EXPECT_FALSE(serves({"app.items"}, {"public", "items"}));
  EXPECT_FALSE(serves({R"("*")"}, {"public", "items"}));
  EXPECT_FALSE(serves({}, {"public", "items"}));
}

TEST(ServedTables, AreAllOfASchemaOrOfEachWhereThatIsSaid) {
  EXPECT_TRUE(serves({"app.*"}, {"app", "items"}));
  EXPECT_TRUE(serves({R"("My App".*)"}, {"My App", "items"}));
  EXPECT_FALSE(serves({"app.*"}, {"public", "items"}));
  EXPECT_TRUE(serves({"*"}, {"public", "items"}));
  EXPECT_TRUE(serves({"*"}, {"app", "Items"}));
}

TEST(ServedTables, AreOfTheSystemAndOfPatchbayByNameOnly) {
  const TableName system[] = {{"pg_catalog", "pg_authid"},
                              {"information_schema", "sql_features"},
                              {"pg_toast", "pg_toast_1255"},
                              {"pg_temp_3", "mine"},
                              {"patchbay", "outcomes"}};
  for (const TableName& table : system) {
    EXPECT_FALSE(serves({"*", table.schema + ".*"}, table)) << table.sql();
    EXPECT_TRUE(serves({table.sql()}, table)) << table.sql();
  }
  EXPECT_TRUE(serves({}, {"patchbay", "tick"})) << "every follower needs the heartbeat";
}

TEST(ServedTables, RefusesWhatNamesNone) {
  for (const char* wrong : {"", ".", ".*", "*.*", "a.b.c", "a.b.*", "**", "\"open", "a b"}) {
    const auto parsed = ServedTables::parse({"items", wrong});
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::rejected);
    EXPECT_NE(parsed.error().message.find("\"" + std::string(wrong) + "\""), std::string::npos);
  }
}

class SyncTables : public SyncTest {
 protected:
  SyncTables() {
    sql_.run(
        "create table items (id int primary key); create table private (id int primary key);"
        "create schema app; create table app.items (id int primary key)");
    options_.tables = {"items"};
  }
  /// The marks that a service leaves on tables.
  std::string touched() {
    return sql_.value(
        "select concat((select string_agg(relname || relreplident::text, ',' order by oid) "
        "from pg_class "
        "where relkind = 'r' and relreplident not in ('d', 'n')), '; ', (select string_agg("
        "schemaname || '.' || tablename, ',' order by 1) from pg_publication_tables))");
  }
};

TEST_F(SyncTables, TouchesNoOther) {
  start();
  const auto missing = get("/v1/shape?table=missing&offset=-1");
  EXPECT_EQ(missing.status, 400);
  for (const char* other : {"private", "app.items", "pg_catalog.pg_authid"}) {
    const auto answer = get("/v1/shape?table=" + std::string(other) + "&offset=-1");
    EXPECT_EQ(answer.status, 400) << other;
    EXPECT_NE(answer.body.find("does not exist"), std::string::npos) << answer.body;
    EXPECT_EQ(client_->send("DELETE", "/v1/shape?table=" + std::string(other)).get().status, 400);
  }
  std::string as_missing = get("/v1/shape?table=private&offset=-1").body;
  as_missing.replace(as_missing.find("private"), 7, "missing");
  EXPECT_EQ(as_missing, missing.body);
  EXPECT_EQ(get("/v1/shape?table=private&offset=0_0&handle=1-1").status, 400);
  EXPECT_EQ(touched(), "; ");
  EXPECT_EQ(get("/v1/shape?table=items&offset=-1").status, 200);
  EXPECT_EQ(touched(), "itemsf; public.items");
}

TEST_F(SyncTables, ServesTheHeartbeat) {
  sql_.run("create schema patchbay; create table patchbay.tick (id int primary key)");
  start();
  EXPECT_EQ(get("/v1/shape?table=patchbay.tick&offset=-1").status, 200);
}

TEST_F(SyncTables, ContinuesNoKeptShapeOfATableThatIsServedNoLonger) {
  options_.shapes_file = std::filesystem::temp_directory_path() / (options_.slot + "-shapes.json");
  start();
  const auto before = get("/v1/shape?table=items&offset=-1");
  client_.reset();
  service_.reset();
  options_.tables = {"app.*"};
  start();
  EXPECT_EQ(get(next("items", before)).status, 400);
  EXPECT_EQ(get("/v1/shape?table=app.items&offset=-1").status, 200);
  std::ostringstream kept;
  kept << std::ifstream(options_.shapes_file).rdbuf();
  EXPECT_EQ(kept.str().find("\"public\""), std::string::npos) << kept.str();
  std::filesystem::remove(options_.shapes_file);
}

/// Rows that the publication holds back would never arrive.
TEST_F(SyncTables, RefusesATableThatIsPublishedInPart) {
  for (const char* part : {" (id, note) WHERE (note = 'x')", " WHERE (id > 1)", " (id)"}) {
    sql_.run(
        "drop table items; create table items (id int primary key, note text);"
        "alter table items replica identity full");
    if (service_ == nullptr) start();
    sql_.run("alter publication " + options_.slot + " add table items" + part);
    const auto refused = get("/v1/shape?table=items&offset=-1");
    EXPECT_EQ(refused.status, 400) << part << refused.body;
    EXPECT_NE(refused.body.find("with a filter or a list of columns"), std::string::npos)
        << refused.body;
    EXPECT_NE(refused.body.find("ALTER PUBLICATION " + options_.slot + " DROP TABLE public.items"),
              std::string::npos)
        << refused.body;
    EXPECT_EQ(sql_.value("select count(*) from pg_locks where relation = 'items'::regclass"), "0");

    sql_.run("alter publication " + options_.slot + " drop table items");
    const auto served = get("/v1/shape?table=items&offset=-1");
    EXPECT_EQ(served.status, 200) << served.body;
    sql_.run("alter publication " + options_.slot + " set table items" + part);
    EXPECT_TRUE(eventually([&] { return get(next("items", served)).status != 200; }));
    EXPECT_TRUE(eventually([&] { return get("/v1/shape?table=items&offset=-1").status == 400; }));
  }
}

}  // namespace
}  // namespace patchbay::test
