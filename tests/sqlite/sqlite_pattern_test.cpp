#include "sqlite/plain_rows.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

using sqlite::SqlitePattern;

class SqlitePatternTest : public StoreTest {
 protected:
  SqlitePatternTest() {
    host.tables["items"] = &items_schema();
    host.backend_time = 100;
    restart();
    EXPECT_EQ(start_, "");
    EXPECT_EQ(driver_->reset({item("1", "milk"), item("2", "eggs")}), "table items");
    take_calls();
  }

  /// The process ends here, as far as the file can tell, and starts again.
  void restart() {
    driver_.reset();
    pattern_.reset();
    host.resumed.clear();
    pattern_ = std::make_unique<SqlitePattern>(plain_parts(calls_));
    driver_ = std::make_unique<PatternDriver>(*pattern_, host);
    start_ = driver_->start();
  }
  void elsewhere(const std::string& sql) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(sql);
  }
  /// Another program inserted or set a row, as the log has it.
  void logs(const std::string& old_row, const std::string& new_row, bool boundary = false) {
    if (boundary) elsewhere("INSERT INTO patchbay_boundary DEFAULT VALUES");
    const auto value = [](const std::string& row) {
      return row.empty() ? "NULL" : "'" + row + "'";
    };
    elsewhere("INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('items', 'any', " +
              value(old_row) + ", " + value(new_row) + ")");
  }
  std::string take_calls() {
    std::string all;
    for (const std::string& call : calls_.calls) all += (all.empty() ? "" : ", ") + call;
    calls_.calls.clear();
    return all;
  }
  [[nodiscard]] std::string count(const std::string& rows) {
    return SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .execAndGet("SELECT count(*) FROM " + rows)
        .getString();
  }

  PlainRowsLog calls_;
  std::unique_ptr<SqlitePattern> pattern_;
  std::unique_ptr<PatternDriver> driver_;
  std::string start_;
};

TEST_F(SqlitePatternTest, HoldsAWriteBeforeItIsAccepted) {
  EXPECT_EQ(driver_->write(1, {insert_item("3", "tea"), update_item("1", "oat")}),
            "accept 1, send 1, changed 1:oat, changed 3:tea");
  restart();
  EXPECT_EQ(start_, "send 1");
  EXPECT_EQ(driver_->view(), "1:oat  2:eggs  3:tea");
  EXPECT_EQ(driver_->effects.sent.at(0).operations.size(), 2U);
  EXPECT_EQ(driver_->effects.send_options.at(0).sent_after_s, 100);
  EXPECT_FALSE(driver_->effects.send_options.at(0).mark_first);
  EXPECT_EQ(host.resumed, std::vector<std::string>{"items h1 0_0"});
  EXPECT_EQ(host.watched.back(), file().string());
}

TEST_F(SqlitePatternTest, AsksToMarkAWriteWhoseTimeIsUnknown) {
  host.backend_time = 0;
  EXPECT_EQ(driver_->write(1, {insert_item("3", "tea")}), "accept 1, send 1, changed 3:tea");
  EXPECT_TRUE(driver_->effects.send_options.at(0).mark_first);
  ASSERT_TRUE(pattern_->before_send(std::vector{sim::write_id(1)}, 200));
  restart();
  EXPECT_EQ(driver_->effects.send_options.at(0).sent_after_s, 200);
  EXPECT_FALSE(driver_->effects.send_options.at(0).mark_first);
}

TEST_F(SqlitePatternTest, LetsGoWithTheStreamWithoutAFlicker) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat")}));
  EXPECT_EQ(driver_->acknowledged(1), "");
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("1", "oat")).now(item("2", "ham")).settles(1)),
            "changed 2:ham");
  EXPECT_EQ(driver_->view(), "1:oat  2:ham");
  EXPECT_EQ(count("patchbay_journal") + count("shown"), "00");
  EXPECT_EQ(driver_->batch(BatchSource{}.settles(1)), "") << "settled again";
}

TEST_F(SqlitePatternTest, FoldsAgainWhenTheServersRowMoves) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat")}));
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("1", "cream"))), "") << "the view shows the same";
  EXPECT_EQ(driver_->batch(BatchSource{}.gone(item("1", "cream"))), "gone 1:cream");
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("1", "soy"))), "changed 1:oat");
  EXPECT_EQ(driver_->view(), "1:oat  2:eggs");
}

TEST_F(SqlitePatternTest, StoresThePositionWithTheBatch) {
  BatchSource source;
  source.offset = "7_0";
  source.now(item("3", "tea"));
  EXPECT_EQ(driver_->batch(source), "changed 3:tea");
  restart();
  EXPECT_EQ(host.resumed, std::vector<std::string>{"items h1 7_0"});
  EXPECT_EQ(driver_->view(), "1:milk  2:eggs  3:tea");
}

TEST_F(SqlitePatternTest, UndoesAFailedStepWhole) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat")}));
  BatchSource source;
  source.offset = "7_0";
  source.now(item("1", "soy")).settles(1);
  calls_.fail_in = "apply";
  const std::string failed = driver_->batch(source);
  EXPECT_TRUE(failed.starts_with("error retry: The store ")) << failed;
  EXPECT_EQ(driver_->view(), "1:oat  2:eggs");
  EXPECT_EQ(driver_->batch(source), "changed 1:soy");
  EXPECT_EQ(driver_->view(), "1:soy  2:eggs");
}

TEST_F(SqlitePatternTest, TakesTheRejectedWriteOutAndNothingElse) {
  static_cast<void>(driver_->write(1, {update_item("1", "a")}));
  static_cast<void>(driver_->write(2, {update_item("1", "b"), insert_item("3", "tea")}));
  static_cast<void>(driver_->write(3, {insert_item("4", "jam")}));
  EXPECT_EQ(driver_->rejected(2, "no tea"), "changed 1:a, gone 3:-");
  EXPECT_EQ(driver_->rejected(2, "no tea"), "") << "said again after a restart of the backend";
  EXPECT_EQ(driver_->view(), "1:a  2:eggs  4:jam");
  restart();
  EXPECT_EQ(start_, "restore 2: no tea, send 1, send 3");
  EXPECT_EQ(driver_->discarded(2), "");
  restart();
  EXPECT_EQ(start_, "send 1, send 3");
}

TEST_F(SqlitePatternTest, ForgetsAWriteThatNoBatchWillSettle) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat")}));
  EXPECT_EQ(driver_->acknowledged(1, true), "changed 1:milk");
  EXPECT_EQ(driver_->acknowledged(1, true), "");
  EXPECT_EQ(count("patchbay_journal"), "0");
}

TEST_F(SqlitePatternTest, KeepsAWriteUntilItsLastShapeHasSettled) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat"), update_item("2", "ham")}));
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("1", "oat")).settles(1, 1, false)), "");
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("1", "soy"))), "changed 1:soy");
  restart();
  EXPECT_EQ(start_, "send 1");
  EXPECT_EQ(driver_->effects.sent.at(0).operations.size(), 2U) << "sent again as it was";
  EXPECT_EQ(driver_->view(), "1:soy  2:ham");
}

TEST_F(SqlitePatternTest, StagesAResetInSlices) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat")}));
  take_calls();
  std::vector<RowRef> rows;
  for (int at = 1; at <= 11'500; ++at) rows.push_back(item(std::to_string(at), "x"));
  EXPECT_EQ(driver_->reset(rows), "table items");
  EXPECT_EQ(take_calls(), "begin, stage 5000, stage 5000, stage 1500, switch");
  EXPECT_EQ(driver_->view().substr(0, 11), "1:oat  2:x ");
  calls_.fail_in = "switch";
  EXPECT_TRUE(driver_->reset({item("9", "nine")}).starts_with("error retry"));
  EXPECT_EQ(driver_->view().substr(0, 11), "1:oat  2:x ");
  EXPECT_EQ(driver_->reset({item("9", "nine")}), "table items");
  EXPECT_EQ(driver_->view(), "9:nine") << "the update is of a row that is gone";
}

TEST_F(SqlitePatternTest, KeepsUnfinishedWritesWhenTheTableChanges) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat"), insert_item("3", "tea")}));
  take_calls();
  const TableSchema& newer = rows::intern_schema(
      {"items",
       {{"id", "int8", 0, true}, {"note", "text", 0, false}, {"title", "text", 0, false}},
       {0}});
  host.tables["items"] = &newer;
  BatchSource source;
  source.table = &newer;
  source.reset = true;
  source.handle = "h2";
  source.now(make_row(newer, {Cell::of("1"), Cell::of("n"), Cell::of("milk")}));
  EXPECT_EQ(driver_->batch(source), "table items");
  EXPECT_EQ(take_calls(), "prepare items again, begin, stage 1, switch");
  Query query;
  query.table = &newer;
  EXPECT_EQ(driver_->view(query), "1:n,oat  3:null,tea");
  restart();
  EXPECT_EQ(host.resumed, std::vector<std::string>{"items h2 0_0"});
  EXPECT_EQ(driver_->view(query), "1:n,oat  3:null,tea");
}

TEST_F(SqlitePatternTest, FindsWhatAnotherProgramWrote) {
  EXPECT_EQ(driver_->local_change(), "nothing");
  logs("", "[\"3\",\"''tea''\"]");
  logs("[\"1\",\"''milk''\"]", "[\"1\",\"''oat''\"]");
  logs("[\"1\",\"''oat''\"]", "[\"1\",\"''oat''\"]");
  EXPECT_EQ(driver_->local_change(), "send 1000, changed 1:oat, changed 3:tea, found");
  EXPECT_EQ(driver_->effects.sent.at(0).operations.size(), 2U)
      << "what changes nothing is not a write";
  EXPECT_EQ(take_calls(), "local 3:tea, local 1:oat, local 1:oat");
  EXPECT_EQ(driver_->local_change(), "nothing");
  restart();
  EXPECT_EQ(start_, "send 1000");
}

TEST_F(SqlitePatternTest, PutsOtherProgramsWritesBeforeTheStep) {
  logs("[\"1\",\"''milk''\"]", "[\"1\",\"''theirs''\"]");
  EXPECT_EQ(driver_->write(1, {update_item("1", "mine")}),
            "accept 1, send 1000, send 1, changed 1:mine");
  logs("[\"2\",\"''eggs''\"]", "[\"2\",\"''more''\"]");
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("2", "server"))), "send 1001, changed 2:more");
  EXPECT_EQ(driver_->local_change(), "nothing") << "an earlier step took it";
}

TEST_F(SqlitePatternTest, FindsWhatWasWrittenWhileItWasAway) {
  driver_.reset();
  pattern_.reset();
  logs("", "[\"3\",\"''tea''\"]");
  restart();
  EXPECT_EQ(start_, "send 1000");
  EXPECT_EQ(driver_->view(), "1:milk  2:eggs  3:tea");
}

TEST_F(SqlitePatternTest, RefusesOnlyTheLocalWriteThatCannotBe) {
  logs("", "[\"NULL\",\"''no key''\"]");
  logs("", "[\"3\",\"''tea''\"]");
  logs("", "[\"4\",\"''jam''\"]", true);
  EXPECT_EQ(driver_->local_change(),
            "restore 1000: The local change 1 of the table items cannot be sent: its key column "
            "\"id\" is NULL; give it a value., send 1001, changed 4:jam, found");
  EXPECT_EQ(driver_->view(), "1:milk  2:eggs  4:jam");
  EXPECT_EQ(host.logged.size(), 1U);
}

TEST_F(SqlitePatternTest, HoldsThePartsOfAWriteInsteadOfIt) {
  logs("", "[\"3\",\"''tea''\"]");
  logs("", "[\"4\",\"''jam''\"]");
  logs("[\"3\",\"''tea''\"]", "[\"5\",\"''tea''\"]");
  EXPECT_EQ(driver_->local_change(), "send 1000, gone 3:-, changed 4:jam, changed 5:tea, found");
  EXPECT_TRUE(driver_->effects.send_options.front().divisible);
  EXPECT_EQ(driver_->divided(driver_->effects.sent.front(), 1), "") << "the view stays";
  EXPECT_EQ(driver_->view(), "1:milk  2:eggs  4:jam  5:tea");
  EXPECT_EQ(driver_->rejected(2, "no jam"), "gone 4:-");
  restart();
  EXPECT_EQ(start_, "restore 2: no jam, send 1");
  EXPECT_EQ(driver_->rejected(1, "no tea"), "gone 5:-");
}

TEST_F(SqlitePatternTest, PutsPartsInThePlaceOfTheWriteTheyComeOf) {
  logs("[\"1\",\"''milk''\"]", "[\"1\",\"''oat''\"]");
  logs("", "[\"4\",\"''jam''\"]");
  static_cast<void>(driver_->local_change());
  static_cast<void>(driver_->write(1, {update_item("1", "soy")}));
  EXPECT_EQ(driver_->divided(driver_->effects.sent.front(), 11), "");
  EXPECT_EQ(driver_->view(), "1:soy  2:eggs  4:jam") << "what came after is over them";
  restart();
  EXPECT_EQ(start_, "send 11, send 12, send 1");
  EXPECT_EQ(driver_->rejected(11, "no oat"), "");
  EXPECT_EQ(driver_->view(), "1:soy  2:eggs  4:jam");
}

TEST_F(SqlitePatternTest, LetsNoMarkedWriteAndNoneOfTheAppBeDivided) {
  logs("", "[\"3\",\"''tea''\"]", true);
  logs("", "[\"4\",\"''jam''\"]");
  static_cast<void>(driver_->local_change());
  EXPECT_FALSE(driver_->effects.send_options.back().divisible);
  EXPECT_EQ(driver_->rejected(1000, "no"), "gone 3:-, gone 4:-");
  static_cast<void>(driver_->write(1, {insert_item("5", "a"), insert_item("6", "b")}));
  EXPECT_FALSE(driver_->effects.send_options.back().divisible);
}

TEST_F(SqlitePatternTest, KeepsThatAnAdoptedWriteMayBeDivided) {
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(1), 1, {update_item("1", "a"), update_item("2", "b")}}, {}, 0, true},
      {{sim::write_id(2), 2, {update_item("1", "c"), update_item("2", "d")}}, {}, 0, false}};
  Handover handover;
  handover.unfinished = unfinished;
  static_cast<void>(driver_->adopt(handover));
  restart();
  ASSERT_EQ(driver_->effects.send_options.size(), 2U);
  EXPECT_TRUE(driver_->effects.send_options.front().divisible);
  EXPECT_FALSE(driver_->effects.send_options.back().divisible);
}

TEST_F(SqlitePatternTest, AdoptsWritesAsIfTheyWereItsOwn) {
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(1), 1, {update_item("1", "a"), update_item("2", "b")}}, {1}},
      {{sim::write_id(2), 2, {update_item("1", "c")}}, {}}};
  const std::vector<RejectedWrite> rejected{{{sim::write_id(3), 3, {insert_item("3", "x")}}, {}}};
  Handover handover;
  handover.unfinished = unfinished;
  handover.rejected = rejected;
  EXPECT_EQ(driver_->adopt(handover), "changed 1:c");
  restart();
  EXPECT_EQ(start_, "restore 3: , send 1, send 2");
  EXPECT_EQ(driver_->view(), "1:c  2:eggs");
}

TEST_F(SqlitePatternTest, AdoptsWritesBeforeWhatAnotherProgramWroteMeanwhile) {
  logs("[\"1\",\"''milk''\"]", "[\"1\",\"''theirs''\"]");
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(1), 1, {update_item("1", "a"), update_item("2", "b")}}, {}}};
  Handover handover;
  handover.unfinished = unfinished;
  EXPECT_EQ(driver_->adopt(handover), "send 1000, changed 1:theirs, changed 2:b");
  EXPECT_EQ(driver_->view(), "1:theirs  2:b");
  restart();
  EXPECT_EQ(start_, "send 1, send 1000");
}

TEST_F(SqlitePatternTest, ShowsTheWritesOfADamagedStoreImmediately) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat"), insert_item("3", "tea")}));
  driver_.reset();
  pattern_.reset();
  std::ofstream(file().string() + ".damage") << "why\n\n";
  restart();
  EXPECT_EQ(driver_->view(), "3:tea") << "the update waits for its row";
}

TEST_F(SqlitePatternTest, LeavesOutRowsThatLackAColumnOfANewKey) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat"), insert_item("3", "tea")}));
  const TableSchema& newer = rows::intern_schema(
      {"items",
       {{"tenant", "int8", 0, true}, {"id", "int8", 0, true}, {"title", "text", 0, false}},
       {0, 1}});
  host.tables["items"] = &newer;
  BatchSource source;
  source.table = &newer;
  source.reset = true;
  source.handle = "h2";
  source.now(make_row(newer, {Cell::of("7"), Cell::of("1"), Cell::of("milk")}));
  EXPECT_EQ(driver_->batch(source), "table items");
  Query query;
  query.table = &newer;
  EXPECT_EQ(driver_->view(query), "7/1:milk");
  restart();
  EXPECT_EQ(start_, "send 1") << "the server decides";
  EXPECT_EQ(driver_->rejected(1), "");
}

TEST_F(SqlitePatternTest, WaitsLongerForOtherProgramsWhileItStages) {
  calls_.busy_timeouts_ms.clear();
  EXPECT_EQ(driver_->reset({item("1", "milk")}), "table items");
  EXPECT_EQ(calls_.busy_timeouts_ms, "stage 5000, switch 5000, ");
  calls_.busy_timeouts_ms.clear();
  static_cast<void>(driver_->batch(BatchSource{}.now(item("2", "ham"))));
  EXPECT_EQ(calls_.busy_timeouts_ms, "apply 250, ");
}

TEST_F(SqlitePatternTest, RefusesAnUnknownSetting) {
  host.settings["synchronous"] = "sometimes";
  restart();
  EXPECT_EQ(start_,
            "error rejected: The setting synchronous of the instance test is \"sometimes\"; it can "
            "be \"full\" or \"normal\".");
}

TEST_F(SqlitePatternTest, ContinuesWithTheWritesOfADamagedStore) {
  static_cast<void>(driver_->write(1, {update_item("1", "oat"), insert_item("3", "tea")}));
  driver_.reset();
  pattern_.reset();
  std::ofstream(file().string() + ".damage") << "why\n\n";
  take_calls();
  restart();
  EXPECT_EQ(start_, "send 1");
  EXPECT_TRUE(host.resumed.empty()) << "its rows are to come again";
  EXPECT_EQ(take_calls(), "prepare items, look items");
  EXPECT_EQ(driver_->reset({item("1", "milk")}), "table items");
  EXPECT_EQ(driver_->view(), "1:oat  3:tea");
}

}  // namespace
}  // namespace patchbay::test
