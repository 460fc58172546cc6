// The life of a write in through-db, step by step.
#include "through_db_fixture.hpp"

namespace patchbay::test {
namespace {

class ThroughDb : public ThroughDbFixture {
 protected:
  void SetUp() override { sync({item("1", "milk"), item("2", "eggs"), item("3", "tea")}); }
};

TEST_F(ThroughDb, ShowsTheServersRowsAsAPlainTable) {
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
  BatchSource batch;
  batch.now(item("1", "oat milk")).now(item("4", "jam")).gone(item("2", "eggs"));
  EXPECT_NE(driver_->batch(batch), "");
  EXPECT_EQ(rows(), "1:oat milk  3:tea  4:jam");
  EXPECT_EQ(driver_->view(), "1:oat milk  3:tea  4:jam");
  EXPECT_EQ(look(), "") << "the server's changes are not local ones";
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDb, KeepsTheServersRowWhileAWriteIsUnderWay) {
  sql("UPDATE items SET title = 'a' WHERE id = 1; INSERT INTO items VALUES (4, 'jam');"
      "DELETE FROM items WHERE id = 2");
  EXPECT_NE(look(), "");
  EXPECT_EQ(rows(), "1:a  3:tea  4:jam");
  EXPECT_EQ(bases(), "1:milk  2:eggs  4:absent");

  BatchSource echo;
  echo.now(item("1", "a")).now(item("4", "jam")).gone(item("2", "eggs"));
  echo.settles(found(0), 3);
  driver_->batch(echo);
  EXPECT_EQ(rows(), "1:a  3:tea  4:jam");
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDb, PutsBackExactlyWhatARefusedWriteChanged) {
  sql("UPDATE items SET title = 'a' WHERE id = 1");
  look();
  sql("UPDATE items SET title = 'b' WHERE id = 1");
  look();
  sql("INSERT INTO items VALUES (4, 'jam')");
  look();
  sql("DELETE FROM items WHERE id = 3");
  look();
  driver_->rejected(found(1));
  EXPECT_EQ(rows(), "1:a  2:eggs  4:jam") << "the earlier and the independent ones stay";
  driver_->rejected(found(2));
  driver_->rejected(found(3));
  EXPECT_EQ(rows(), "1:a  2:eggs  3:tea");
  driver_->rejected(found(0));
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDb, PutsBackRowsThatWereReplaced) {
  sql("UPDATE OR REPLACE items SET id = 2, title = 'x' WHERE id = 1");
  EXPECT_EQ(look(), "delete 2; move 1:x to 2");
  EXPECT_EQ(rows(), "2:x  3:tea");
  EXPECT_EQ(bases(), "1:milk  2:eggs");
  sql("REPLACE INTO items (id) VALUES (3)");
  look();
  driver_->rejected(found(0));
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:null");
  driver_->rejected(found(1));
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
}

TEST_F(ThroughDb, LaysUnfinishedWritesOverWhatOthersChange) {
  as_one("UPDATE items SET title = 'mine' WHERE id = 1; DELETE FROM items WHERE id = 2");
  BatchSource others;
  others.now(item("1", "theirs")).now(item("2", "theirs")).now(item("3", "theirs"));
  driver_->batch(others);
  EXPECT_EQ(rows(), "1:mine  3:theirs");
  EXPECT_EQ(bases(), "1:theirs  2:theirs");
  driver_->rejected(found(0));
  EXPECT_EQ(rows(), "1:theirs  2:theirs  3:theirs");
}

TEST_F(ThroughDb, NeverMakesAGhostOfARowThatTheServerDeleted) {
  sql("UPDATE items SET title = 'mine' WHERE id = 1");
  look();
  BatchSource others;
  others.gone(item("1", "milk"));
  driver_->batch(others);
  EXPECT_EQ(rows(), "2:eggs  3:tea");
  EXPECT_EQ(bases(), "1:absent");
}

TEST_F(ThroughDb, TakesAChangeNotYetNoticedBeforeTheServersBatch) {
  sql("UPDATE items SET title = 'mine' WHERE id = 1; INSERT INTO items VALUES (4, 'jam')");
  BatchSource others;
  others.now(item("1", "theirs"));
  driver_->batch(others);
  EXPECT_EQ(rows(), "1:mine  2:eggs  3:tea  4:jam");
  EXPECT_EQ(print(driver_->effects.sent.at(0)), "update 1:mine; insert 4:jam");
  EXPECT_EQ(bases(), "1:theirs  4:absent");
}

TEST_F(ThroughDb, TakesAChangeNotYetNoticedBeforeAVerdict) {
  sql("UPDATE items SET title = 'a' WHERE id = 1");
  look();
  sql("UPDATE items SET title = 'b' WHERE id = 1; DELETE FROM items WHERE id = 2");
  driver_->rejected(found(0));
  EXPECT_EQ(rows(), "1:b  3:tea");
  EXPECT_EQ(print(driver_->effects.sent.back()), "update 1:b; delete 2");
}

TEST_F(ThroughDb, MixesTheAppsCallsWithTheAppsSql) {
  sql("INSERT INTO items VALUES (4, 'jam')");
  driver_->write(1, {update_item("4", "figs"), remove_item("1")});
  EXPECT_EQ(rows(), "2:eggs  3:tea  4:figs");
  EXPECT_EQ(print(driver_->effects.sent.at(0)), "insert 4:jam") << "what was first goes first";
  EXPECT_EQ(look(), "") << "its own rows are not logged";
  driver_->rejected(1);
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea  4:jam");
}

TEST_F(ThroughDb, SendsWhatWasWrittenWhileItWasAway) {
  sql("UPDATE items SET title = 'a' WHERE id = 1");
  look();
  close();
  sql("UPDATE items SET title = 'b' WHERE id = 2; DELETE FROM items WHERE id = 3");
  open();
  ASSERT_EQ(driver_->effects.sent.size(), 2U);
  EXPECT_EQ(print(driver_->effects.sent[0]), "update 1:a");
  EXPECT_EQ(print(driver_->effects.sent[1]), "update 2:b; delete 3");
  EXPECT_EQ(rows(), "1:a  2:b");
  EXPECT_EQ(bases(), "1:milk  2:eggs  3:tea");
}

TEST_F(ThroughDb, KeepsUnfinishedWritesThroughAReset) {
  as_one(
      "UPDATE items SET title = 'mine' WHERE id = 1; DELETE FROM items WHERE id = 2;"
      "INSERT INTO items VALUES (4, 'jam')");
  driver_->reset({item("1", "new"), item("2", "new"), item("5", "new")});
  EXPECT_EQ(rows(), "1:mine  4:jam  5:new");
  EXPECT_EQ(bases(), "1:new  2:new  4:absent");
  driver_->reset({item("4", "theirs")});
  EXPECT_EQ(rows(), "4:jam") << "an update of a row that is gone shows nothing";
  driver_->rejected(found(0));
  EXPECT_EQ(rows(), "4:theirs");
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDb, LetsOneTransactionBeAppliedOrRefusedAsAWhole) {
  const auto may_be_divided = [this](const std::string& text) {
    static_cast<void>(sql_then_look(text));
    return driver_->effects.send_options.back().divisible;
  };
  const std::string one = "UPDATE items SET title = title || '!'";
  EXPECT_FALSE(may_be_divided(one)) << "it was found alone";
  EXPECT_FALSE(may_be_divided("BEGIN; DELETE FROM items WHERE id = 1;" + one + "; COMMIT"));
  EXPECT_TRUE(may_be_divided(one + ";" + one)) << "two transactions";
  EXPECT_FALSE(may_be_divided(one));
  close();
  EXPECT_EQ(sql(one), "");
  open();
  EXPECT_TRUE(driver_->effects.send_options.back().divisible) << "nothing counts them meanwhile";
}

TEST_F(ThroughDb, HoldsThePartsOfWhatMayBeSeveralTransactions) {
  sql("UPDATE items SET title = 'a' WHERE id = 1");
  sql("DELETE FROM items WHERE id = 2");
  EXPECT_EQ(look(), "update 1:a; delete 2");
  EXPECT_TRUE(driver_->effects.send_options[0].divisible);
  EXPECT_EQ(driver_->divided(driver_->effects.sent[0], 11), "");
  EXPECT_EQ(rows(), "1:a  3:tea");
  driver_->rejected(11);
  EXPECT_EQ(rows(), "1:milk  3:tea");
  driver_->rejected(12);
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDb, TakesBackATextThatPostgresCannotStore) {
  const std::string before = rows();
  ASSERT_EQ(sql("UPDATE items SET title = 'secret' || char(0) || 'tail' WHERE id = 1;"
                "INSERT INTO items VALUES (7, 'x' || char(0)); DELETE FROM items WHERE id = 2"),
            "");
  EXPECT_EQ(look(), "delete 2") << "what shares no row with it continues";
  ASSERT_EQ(driver_->effects.restored.size(), 1U);
  EXPECT_EQ(driver_->effects.restored[0].rejection.message,
            "The local change 1 of the table items cannot be sent: its column \"title\" holds the "
            "character U+0000, which PostgreSQL cannot store.");
  EXPECT_EQ(print(driver_->effects.restored[0].write),
            "update 1:secret" + std::string(1, '\0') + "tail; insert 7:x" + std::string(1, '\0'));
  driver_->rejected(found(0));
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDb, TakesBackATextThatIsNotABool) {
  const TableSchema& flags =
      rows::intern_schema({"flags", {{"done", "bool", 0, false}, {"id", "int8", 0, true}}, {1}});
  knows(flags);
  BatchSource first;
  first.table = &flags;
  first.reset = true;
  first.now(make_row(flags, {Cell::of("true"), Cell::of("1")}));
  ASSERT_EQ(driver_->batch(first), "table flags");
  EXPECT_EQ(sql_then_look("INSERT INTO flags VALUES (2, 12), ('t', 13), (NULL, 14);"
                          "UPDATE flags SET done = 'yes' WHERE id = 1"),
            "insert 13:true; insert 14:-");
  ASSERT_EQ(driver_->effects.restored.size(), 1U);
  EXPECT_EQ(driver_->effects.restored[0].rejection.message,
            "The local change 1 of the table flags cannot be sent: its column \"done\" takes true "
            "or false only.");
  EXPECT_EQ(rows("SELECT id, done FROM flags"), "1:1  13:1  14:null");
}

TEST_F(ThroughDb, RefusesAWriteOnlyOnceAndKeepsIt) {
  sql("UPDATE items SET title = 'a' WHERE id = 1");
  look();
  driver_->rejected(found(0), "no such luck");
  open();
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
  ASSERT_EQ(driver_->effects.restored.size(), 1U);
  EXPECT_EQ(driver_->effects.restored[0].rejection.message, "no such luck");
  EXPECT_EQ(driver_->effects.sent.size(), 0U);
}

class ThroughDbUuid : public ThroughDbFixture {
 protected:
  static constexpr std::string_view kLower = "0000000a-0000-4000-8000-00000000000b";
  const TableSchema& notes_ = rows::intern_schema(
      {"app.notes", {{"id", "uuid", 0, true}, {"title", "text", 0, false}}, {0}});

  RowRef note(std::string_view id, std::string_view title) {
    return make_row(notes_, {Cell::of(id), Cell::of(title)});
  }
  void SetUp() override {
    knows(notes_);
    open();
    BatchSource first;
    first.table = &notes_;
    first.reset = true;
    driver_->batch(first.now(note(kLower, "milk")));
  }
  std::string notes() {
    std::string all = rows("SELECT id, title FROM \"app.notes\" ORDER BY title");
    for (std::size_t at = all.find(kLower); at != std::string::npos; at = all.find(kLower)) {
      all.replace(at, kLower.size(), "id");
    }
    return all;
  }
};

TEST_F(ThroughDbUuid, NamesATableOfAnotherSchemaAsItIsConfigured) {
  EXPECT_EQ(notes(), "id:milk");
  EXPECT_EQ(sql_then_look("DELETE FROM \"app.notes\""), "delete " + std::string(kLower));
}

TEST_F(ThroughDbUuid, WritesAKeyThatIsSpelledOtherwiseInTheCanonicalWay) {
  sql("DELETE FROM \"app.notes\"");
  look();
  EXPECT_EQ(sql_then_look("INSERT INTO \"app.notes\" VALUES ('{0000000A00004000800000000000000C}', "
                          "'eggs')"),
            "insert 0000000a-0000-4000-8000-00000000000c:eggs");
  EXPECT_EQ(notes(), "0000000a-0000-4000-8000-00000000000c:eggs");
  driver_->rejected(found(1));
  EXPECT_EQ(notes(), "");
  driver_->rejected(found(0));
  EXPECT_EQ(notes(), "id:milk");
}

TEST_F(ThroughDbUuid, MergesASecondSpellingOfARowThatIsThere) {
  sql("INSERT INTO \"app.notes\" VALUES ('0000000A-0000-4000-8000-00000000000B', 'eggs')");
  look();
  EXPECT_EQ(notes(), "id:eggs");
  driver_->rejected(found(0));
  EXPECT_EQ(notes(), "id:milk") << "the server knew it already";
}

TEST_F(ThroughDbUuid, TakesARowThatIsOnlySpelledOtherwiseAsUnchanged) {
  EXPECT_EQ(sql_then_look("UPDATE \"app.notes\" SET id = upper(id)"), "");
  EXPECT_EQ(notes(), "id:milk");
  EXPECT_EQ(sql_then_look("UPDATE \"app.notes\" SET id = upper(id), title = 'eggs'"),
            "update " + std::string(kLower) + ":eggs");
  EXPECT_EQ(notes(), "id:eggs");
  driver_->rejected(found(0));
  EXPECT_EQ(notes(), "id:milk");
}

}  // namespace
}  // namespace patchbay::test
