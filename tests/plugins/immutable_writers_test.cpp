// Other programs write by SQL on the view: what they see immediately, what is sent, what is
// refused.
#include "immutable/immutable_pattern.hpp"
#include "plugins/durable_fixture.hpp"

namespace patchbay::test {
namespace {

class ImmutableWriters : public DurableFixture<immutable::ImmutablePattern> {
 protected:
  ImmutableWriters() : DurableFixture("immutable.db") {}
  void SetUp() override { sync({item("1", "milk"), item("2", "eggs")}); }

  std::string local() {
    return rows("SELECT id, patchbay_kind, title, patchbay_set FROM items_local ORDER BY id");
  }
  /// Another table, with these rows synced.
  const TableSchema& follow(const TableSchema& wanted, const std::vector<std::vector<Cell>>& all) {
    const TableSchema& schema = rows::intern_schema(wanted);
    knows(schema);
    BatchSource source;
    source.table = &schema;
    source.reset = true;
    for (const auto& cells : all) source.now(make_row(schema, cells));
    EXPECT_EQ(driver_->batch(source), "table " + schema.name);
    return schema;
  }
};

TEST_F(ImmutableWriters, SeeTheirWriteImmediatelyAndItIsSent) {
  EXPECT_EQ(sql("INSERT INTO items(id, title) VALUES (3, 'tea')"), "");
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
  EXPECT_EQ(sql("UPDATE items SET title = 'oat' WHERE id = 1; DELETE FROM items WHERE id = 2"), "");
  EXPECT_EQ(rows(), "1:oat  3:tea");
  const std::string before = local();
  EXPECT_EQ(look(), "insert 3:tea; update 1:oat; delete 2");
  EXPECT_EQ(local(), before) << "the fold makes what the triggers made";
  EXPECT_EQ(look(), "");
}

TEST_F(ImmutableWriters, CutTheirWritesAtABoundary) {
  EXPECT_EQ(sql_then_look("INSERT INTO patchbay_boundary DEFAULT VALUES;"
                          "UPDATE items SET title = 'a';"
                          "INSERT INTO patchbay_boundary DEFAULT VALUES;"
                          "DELETE FROM items WHERE id = 2"),
            "update 1:a; update 2:a | delete 2");
}

TEST_F(ImmutableWriters, GetAConstraintErrorForAKeyThatIsShown) {
  EXPECT_EQ(sql("INSERT INTO items VALUES (1, 'x')"), "UNIQUE constraint failed: items.id");
  EXPECT_EQ(sql("INSERT OR REPLACE INTO items VALUES (1, 'x')"),
            "UNIQUE constraint failed: items.id");
  EXPECT_EQ(sql("UPDATE items SET id = 2 WHERE id = 1"), "UNIQUE constraint failed: items.id");
  EXPECT_EQ(sql("INSERT INTO items(title) VALUES ('x')"), "NOT NULL constraint failed: items.id");
  EXPECT_EQ(sql("UPDATE items SET id = NULL WHERE id = 1"), "NOT NULL constraint failed: items.id");
  EXPECT_EQ(look(), "");
  EXPECT_EQ(rows(), "1:milk  2:eggs");
}

TEST_F(ImmutableWriters, MayUseAKeyAgainThatIsNoLongerShown) {
  EXPECT_EQ(sql("DELETE FROM items WHERE id = 1; INSERT INTO items(id) VALUES (1)"), "");
  EXPECT_EQ(rows(), "1:null  2:eggs") << "a row after a delete starts empty";
  EXPECT_EQ(local(), "1:created,null,2");
  EXPECT_EQ(look(), "delete 1; insert 1:-");
  EXPECT_EQ(local(), "1:created,null,2");
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (5, 'a'); DELETE FROM items WHERE id = 5"),
            "insert 5:a; delete 5");
  EXPECT_EQ(rows(), "1:null  2:eggs");
}

TEST_F(ImmutableWriters, MoveRowsToOtherKeys) {
  EXPECT_EQ(sql("UPDATE items SET id = id + 10"), "");
  EXPECT_EQ(rows(), "11:milk  12:eggs");
  EXPECT_EQ(sql("UPDATE items SET id = 1, title = 'b' WHERE id = 12"), "");
  const std::string before = local();
  EXPECT_EQ(rows(), "1:b  11:milk");
  EXPECT_EQ(look(), "move 1:- to 11; move 2:- to 12; move 12:b to 1");
  EXPECT_EQ(local(), before);
  EXPECT_EQ(rows(), "1:b  11:milk");
}

TEST_F(ImmutableWriters, WriteNothingWhenNothingChanges) {
  EXPECT_EQ(sql("UPDATE items SET title = title; UPDATE items SET title = 'x' WHERE id = 99;"
                "UPDATE items SET id = '01', title = 'milk' WHERE id = 1"),
            "");
  EXPECT_EQ(rows("SELECT * FROM patchbay_log"), "");
  EXPECT_EQ(local(), "");
  EXPECT_EQ(look(), "");
}

TEST_F(ImmutableWriters, SetColumnsToNullAndBack) {
  EXPECT_EQ(sql_then_look("UPDATE items SET title = NULL WHERE id = 1"), "update 1:null");
  EXPECT_EQ(rows(), "1:null  2:eggs");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'milk' WHERE id = 1"), "update 1:milk");
  EXPECT_EQ(local(), "1:changed,milk,2") << "back to the server's value is a write too";
}

TEST_F(ImmutableWriters, AreTheSameWithEveryPragmaThatChangesTriggers) {
  for (const char* pragmas : {"PRAGMA recursive_triggers = 0", "PRAGMA recursive_triggers = 1",
                              "PRAGMA foreign_keys = 1; PRAGMA case_sensitive_like = 1"}) {
    EXPECT_EQ(sql(pragmas), "");
    EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (3, 'tea'); UPDATE items SET title = 'x' "
                            "WHERE id = 3; DELETE FROM items WHERE id = 3"),
              "insert 3:tea; update 3:x; delete 3");
  }
}

TEST_F(ImmutableWriters, WriteTheTypesAsTheServerSpellsThem) {
  follow({"kinds",
          {{"data", "bytea", 0, false},
           {"done", "bool", 0, false},
           {"id", "uuid", 0, true},
           {"n", "int4", 0, false},
           {"price", "numeric", 0, false},
           {"ratio", "float8", 0, false}},
          {2}},
         {});
  EXPECT_EQ(sql_then_look("INSERT INTO kinds VALUES (x'00ff', TRUE, "
                          "'{AAAAAAAA-0000-4000-8000-00000000000B}', ' 7', 1.10, 0.1 + 0.2)"),
            "insert aaaaaaaa-0000-4000-8000-00000000000b:\\x00ff,true,7,1.1,0.30000000000000004");
  EXPECT_EQ(rows("SELECT id, data, done, n, price, typeof(ratio) FROM kinds"),
            "aaaaaaaa-0000-4000-8000-00000000000b:\\x00ff,1,7,1.1,real");
  EXPECT_EQ(sql_then_look("UPDATE kinds SET done = 'f', n = 9007199254740993 WHERE id = "
                          "'aaaaaaaa-0000-4000-8000-00000000000b'"),
            "update aaaaaaaa-0000-4000-8000-00000000000b:-,false,9007199254740993,-,-");
  EXPECT_EQ(sql_then_look("UPDATE kinds SET done = 0, id = upper(id)"), "");
  EXPECT_EQ(sql("UPDATE kinds SET n = 1.5"), "kinds.n takes whole numbers only");
  EXPECT_EQ(sql("UPDATE kinds SET n = 'abc'"), "kinds.n takes whole numbers only");
  EXPECT_EQ(sql("UPDATE kinds SET done = 2"), "kinds.done takes true or false only");
}

TEST_F(ImmutableWriters, TakeAValueInEveryStatementOrInNone) {
  follow({"kinds", {{"done", "bool", 0, false}, {"id", "int4", 0, true}}, {1}}, {});
  const std::pair<const char*, const char*> values[] = {
      {"1", "true"},     {"0", "false"},  {"1.0", "true"},   {"0.0", "false"}, {"-0.0", "false"},
      {"1e0", "true"},   {"'1'", "true"}, {"'T'", "true"},   {"TRUE", "true"}, {"'false'", "false"},
      {"NULL", "-"},     {"2", nullptr},  {"0.5", nullptr},  {"-1", nullptr},  {"'maybe'", nullptr},
      {"x'31'", "true"}, {"''", nullptr}, {"9e999", nullptr}};
  int id = 0;
  for (const auto& [value, told] : values) {
    SCOPED_TRACE(value);
    const std::string key = std::to_string(++id);
    const std::string insert =
        sql(std::string("INSERT INTO kinds (id, done) VALUES (") + key + ", " + value + ")");
    if (told == nullptr) {
      EXPECT_EQ(insert, "kinds.done takes true or false only");
      ASSERT_EQ(sql_then_look("INSERT INTO kinds (id) VALUES (" + key + ")"),
                "insert " + key + ":-");
    } else {
      EXPECT_EQ(insert, "");
      EXPECT_EQ(look(), "insert " + key + ":" + told);
    }
    const std::string update =
        sql(std::string("UPDATE kinds SET done = ") + value + " WHERE id = " + key);
    EXPECT_EQ(update, told == nullptr ? "kinds.done takes true or false only" : "");
    EXPECT_EQ(sql("UPDATE kinds SET done = NOT done WHERE id = " + key), "");
    EXPECT_EQ(driver_->effects.restored.size(), 0U);
    static_cast<void>(look());
  }
}

TEST_F(ImmutableWriters, AreToldOfATextThatPostgresCannotStore) {
  const std::string before = rows();
  ASSERT_EQ(sql("UPDATE items SET title = 'secret' || char(0) || 'tail' WHERE id = 1;"
                "INSERT INTO items VALUES (7, 'pie')"),
            "");
  EXPECT_EQ(look(), "insert 7:pie") << "what shares no row with it continues";
  ASSERT_EQ(driver_->effects.restored.size(), 1U);
  EXPECT_EQ(driver_->effects.restored[0].rejection.message,
            "The local change 1 of the table items cannot be sent: its column \"title\" holds the "
            "character U+0000, which PostgreSQL cannot store.");
  EXPECT_EQ(rows(), before + "  7:pie");
  follow({"notes", {{"id", "uuid", 0, true}}, {0}}, {});
  EXPECT_EQ(sql_then_look("INSERT INTO notes VALUES ('0190a1b2-0000-7000-8000-00000000000a' || "
                          "char(0) || 'tail')"),
            "");
  EXPECT_EQ(driver_->effects.restored.size(), 2U) << "nor is a key cut";
  EXPECT_EQ(rows("SELECT id FROM notes"), "");
}

TEST_F(ImmutableWriters, UseKeysOfSeveralColumnsAndTablesOfNothingElse) {
  follow({"pairs", {{"a", "text", 0, true}, {"b", "int4", 0, true}}, {1, 0}},
         {{Cell::of("x"), Cell::of("1")}});
  EXPECT_EQ(sql_then_look("INSERT INTO pairs VALUES ('y', 1); UPDATE pairs SET b = 2 WHERE a = "
                          "'x'; DELETE FROM pairs WHERE a = 'y'"),
            "insert 1/y:; move 1/x: to 2/-; delete 1/y");
  EXPECT_EQ(rows("SELECT b, a FROM pairs"), "2:x");
  EXPECT_EQ(sql("INSERT INTO pairs VALUES ('x', 2)"), "UNIQUE constraint failed: pairs.b, pairs.a");
}

TEST_F(ImmutableWriters, ChangeAnyColumnOfATableAsWideAsPostgresHasThem) {
  TableSchema wide{"wide", {}, {0}};
  std::vector<Cell> cells;
  for (int at = 1000; at < 2600; ++at) {
    wide.columns.push_back({"c" + std::to_string(at), at == 1000 ? "int8" : "text", 0, at == 1000});
    cells.push_back(Cell::of(at == 1000 ? "1" : "x"));
  }
  follow(wide, {cells});
  EXPECT_EQ(sql("UPDATE wide SET c1062 = 'a', c1061 = NULL, c2599 = 'z'"), "");
  const char* seen = "SELECT c1000, c1001, c1061, c1062, c1063, c2599 FROM wide";
  EXPECT_EQ(rows(seen), "1:x,null,a,x,z");
  EXPECT_NE(look(), "");
  EXPECT_EQ(rows(seen), "1:x,null,a,x,z");
  driver_->rejected(found(0));
  EXPECT_EQ(rows(seen), "1:x,x,x,x,x");
}

TEST_F(ImmutableWriters, MayBeTheShellAndPython) {
  EXPECT_EQ(output_of("sqlite3 " + file() +
                      " \"BEGIN; INSERT INTO items VALUES (3, 'tea'); UPDATE items SET title = "
                      "'oat' WHERE id = 1; COMMIT; SELECT * FROM items ORDER BY id;\""),
            "1|oat\n2|eggs\n3|tea\n");
  EXPECT_EQ(look(), "insert 3:tea; update 1:oat");
  EXPECT_EQ(output_of("python3 -c \"\n"
                      "import sqlite3\n"
                      "db = sqlite3.connect('" +
                      file() +
                      "')\n"
                      "with db: db.execute('DELETE FROM items WHERE id = ?', (2,))\n"
                      "with db: db.executemany('INSERT INTO items VALUES (?, ?)', [(7, 'a'), (8, "
                      "None)])\n"
                      "try: db.execute('INSERT INTO items VALUES (1, 0)')\n"
                      "except sqlite3.IntegrityError as refused: print(refused)\n"
                      "print(db.execute('SELECT * FROM items ORDER BY id DESC').fetchall())\""),
            "UNIQUE constraint failed: items.id\n[(8, None), (7, 'a'), (3, 'tea'), (1, 'oat')]\n");
  EXPECT_EQ(look(), "delete 2; insert 7:a; insert 8:-");
}

TEST_F(ImmutableWriters, AreHeardWhileTheHostIsAway) {
  close();
  EXPECT_EQ(sql("UPDATE items SET title = 'away' WHERE id = 2"), "");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(driver_->view(), "1:milk  2:away");
  EXPECT_EQ(driver_->rejected(1000), "changed 2:eggs");
}

TEST_F(ImmutableWriters, AreTakenBackPartByPartWhenTheirWriteIsRefused) {
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'a' WHERE id = 1; UPDATE items SET title = 'b' "
                          "WHERE id = 2"),
            "update 1:a; update 2:b");
  EXPECT_TRUE(driver_->effects.send_options[0].divisible) << "they are two transactions";
  EXPECT_EQ(driver_->divided(driver_->effects.sent[0], 11), "");
  EXPECT_EQ(rows(), "1:a  2:b");
  driver_->rejected(11, "no");
  EXPECT_EQ(rows(), "1:milk  2:b");
}

TEST_F(ImmutableWriters, KeepViewsAndTablesOfTheirOwnThroughAReset) {
  EXPECT_EQ(sql("CREATE VIEW short AS SELECT id FROM items WHERE length(title) < 4;"
                "CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT);"
                "INSERT INTO notes VALUES (1, 'mine')"),
            "");
  EXPECT_EQ(driver_->reset({item("1", "tea"), item("2", "eggs")}), "table items");
  EXPECT_EQ(rows("SELECT * FROM short"), "1");
  EXPECT_EQ(rows("SELECT * FROM notes"), "1:mine");
}

TEST_F(ImmutableWriters, FindAPlanWithoutSorting) {
  const auto plan = [this](const std::string& query) {
    std::string all;
    SQLite::Statement statement(other(), "EXPLAIN QUERY PLAN " + query);
    while (statement.executeStep()) all += statement.getColumn(3).getString() + "\n";
    return all;
  };
  EXPECT_EQ(plan("SELECT * FROM items ORDER BY id DESC LIMIT 50"),
            "MERGE (UNION ALL)\nLEFT\nSCAN s\n"
            "SEARCH l USING PRIMARY KEY (patchbay_in_synced=? AND id=?) LEFT-JOIN\n"
            "RIGHT\nSEARCH l USING PRIMARY KEY (patchbay_in_synced=?)\n");
  EXPECT_EQ(plan("SELECT * FROM items WHERE id = 1").find("SCAN"), std::string::npos);
  follow({"readings", {{"f8", "float8", 0, false}, {"id", "int8", 0, true}}, {1}}, {});
  EXPECT_EQ(plan("SELECT * FROM readings ORDER BY id LIMIT 50").find("B-TREE"), std::string::npos);
  EXPECT_EQ(plan("UPDATE items SET title = 'x' WHERE id = 1").find("SCAN s"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
