// Files of older versions of the durable patterns: rows, writes and what other programs see
// continue.
#include "immutable/immutable_pattern.hpp"
#include "plugins/durable_fixture.hpp"
#include "sqlite/version_1_file.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::test {
namespace {

class ImmutableVersion1 : public DurableFixture<immutable::ImmutablePattern> {
 protected:
  ImmutableVersion1() : DurableFixture("immutable.db") {
    make_version_1_file(file(), 0x50'42'49'4D, R"(
CREATE TABLE "items_synced" (
  "id" INTEGER, "title" TEXT, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "items_local" (
  "id" INTEGER, "title" TEXT, patchbay_kind TEXT NOT NULL, patchbay_in_synced INTEGER NOT NULL,
  patchbay_set INTEGER NOT NULL, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE INDEX "items_local_only" ON "items_local" ("id")
  WHERE patchbay_kind = 'created' AND patchbay_in_synced = 0;
CREATE VIEW "items" ("id", "title") AS
  SELECT s.id, CASE WHEN l.patchbay_set & 2 THEN l.title ELSE s.title END
  FROM items_synced AS s LEFT JOIN items_local AS l ON l.id = s.id
  WHERE l.patchbay_kind IS NOT 'deleted'
  UNION ALL SELECT id, title FROM items_local
  WHERE patchbay_kind = 'created' AND patchbay_in_synced = 0;
CREATE TRIGGER "items_delete" INSTEAD OF DELETE ON "items" BEGIN SELECT 1; END;
CREATE VIEW titles AS SELECT title FROM items;
INSERT INTO items_synced VALUES (1, 'milk'), (2, 'eggs'), (3, 'tea');
INSERT INTO items_local VALUES (1, 'oat', 'changed', 1, 2), (2, 'ham', 'changed', 1, 2),
  (5, 'pie', 'created', 0, 2), (6, NULL, 'deleted', 0, 0);
)");
  }
};

TEST_F(ImmutableVersion1, Continues) {
  EXPECT_EQ(rows(), "1:oat  2:ham  3:tea  5:pie");
  EXPECT_EQ(open(), "restore 3: no ham, send 1, send 2, send 1000");
  EXPECT_EQ(rows(), "1:oat  2:ham  3:tea  5:pie");
  EXPECT_EQ(driver_->view(), "1:oat  2:ham  3:tea  5:pie");
  EXPECT_EQ(rows("SELECT id, patchbay_kind, patchbay_in_synced FROM items_local ORDER BY id"),
            "1:changed,1  2:changed,1  5:created,0");
  EXPECT_EQ(rows("SELECT title FROM titles WHERE title = 'pie'"), "pie");
  EXPECT_EQ(sql_then_look("DELETE FROM items WHERE id = 3"), "delete 3");
  EXPECT_EQ(driver_->rejected(2, "no"), "changed 2:eggs");
  EXPECT_EQ(rows(), "1:oat  2:eggs  5:pie");
}

/// A log of version 2: its triggers logged a text by quote(), up to the character U+0000.
constexpr const char* kAsVersion2 = R"(
INSERT INTO patchbay_log (tbl, kind, old, new)
  VALUES ('items', 'update', json_array('1', '''milk'''), json_array('1', '''it''''s'''));
PRAGMA user_version = 2;
DROP TABLE patchbay_format;
DROP TABLE patchbay_objects;
ALTER TABLE patchbay_journal DROP COLUMN checksum;
)";
constexpr const char* kTextThatIsNone = "UPDATE items SET title = 'x' || char(0) WHERE id = 2";

class ImmutableVersion2 : public DurableFixture<immutable::ImmutablePattern> {
 protected:
  ImmutableVersion2() : DurableFixture("immutable.db") {}
};

TEST_F(ImmutableVersion2, Continues) {
  sync({item("1", "milk"), item("2", "eggs")});
  close();
  ASSERT_EQ(sql("DROP TRIGGER items_update;"
                "CREATE TRIGGER items_update INSTEAD OF UPDATE ON items BEGIN SELECT 1; END;" +
                std::string(kAsVersion2)),
            "");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(rows(), "1:it's  2:eggs");
  EXPECT_EQ(rows("PRAGMA user_version"), "0");
  EXPECT_EQ(rows("SELECT version FROM patchbay_format"), "7");
  EXPECT_EQ(sql_then_look(kTextThatIsNone), "");
  EXPECT_EQ(driver_->effects.restored.size(), 1U);
  EXPECT_EQ(rows(), "1:it's  2:eggs");
}

class ThroughDbVersion2 : public DurableFixture<through_db::ThroughDbPattern> {
 protected:
  ThroughDbVersion2() : DurableFixture("through-db.db") {}
};

TEST_F(ThroughDbVersion2, Continues) {
  sync({item("1", "milk"), item("2", "eggs")});
  close();
  ASSERT_EQ(sql("DROP TRIGGER patchbay_items_after_update; UPDATE items SET title = 'it''s' "
                "WHERE id = 1;" +
                std::string(kAsVersion2)),
            "");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(host_.logged, std::vector<std::string>{}) << "nothing has gone wrong";
  EXPECT_EQ(rows(), "1:it's  2:eggs");
  EXPECT_EQ(rows("PRAGMA user_version"), "0");
  EXPECT_EQ(rows("SELECT version FROM patchbay_format"), "7");
  EXPECT_EQ(sql_then_look(kTextThatIsNone), "");
  EXPECT_EQ(driver_->effects.restored.size(), 1U);
  EXPECT_EQ(rows(), "1:it's  2:eggs");
}

class ThroughDbVersion1 : public DurableFixture<through_db::ThroughDbPattern> {
 protected:
  ThroughDbVersion1() : DurableFixture("through-db.db") {
    make_version_1_file(file(), 0x50'42'54'44, R"(
CREATE TABLE "items" ("id" INTEGER, "title" TEXT, PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE "patchbay_base_items" ("id" INTEGER, "title" TEXT, patchbay_absent INTEGER NOT NULL,
  PRIMARY KEY ("id")) WITHOUT ROWID;
CREATE TABLE patchbay_capture (tbl TEXT NOT NULL, key TEXT NOT NULL,
  row TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
INSERT INTO items VALUES (1, 'oat'), (2, 'ham'), (3, 'tea'), (5, 'pie');
INSERT INTO patchbay_base_items VALUES (1, 'milk', 0), (2, 'eggs', 0);
CREATE TRIGGER "patchbay_items_after_insert" AFTER INSERT ON "items"
WHEN NOT EXISTS (SELECT 1 FROM patchbay_silent)
BEGIN
  INSERT INTO patchbay_log (tbl, kind, old, new)
    VALUES ('items', 'insert', NULL, json_array(quote(NEW."id"), quote(NEW."title")));
END;
)");
  }
};

TEST_F(ThroughDbVersion1, Continues) {
  EXPECT_EQ(open(), "restore 3: no ham, send 1, send 2, send 1000");
  for (const std::string& line : host_.logged) EXPECT_EQ(line, "") << "nothing has gone wrong";
  EXPECT_EQ(rows(), "1:oat  2:ham  3:tea  5:pie");
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (6, 'jam')"), "insert 6:jam");
  EXPECT_EQ(driver_->batch(BatchSource().now(item("7", "figs")).gone(item("3", "tea"))),
            "changed 7:figs, gone 3:tea");
  EXPECT_EQ(driver_->rejected(2, "no"), "changed 2:eggs");
  EXPECT_EQ(look(), "") << "the pattern's own changes are not logged";
  EXPECT_EQ(rows(), "1:oat  2:eggs  5:pie  6:jam  7:figs");
}

}  // namespace
}  // namespace patchbay::test
