// The parts of through-db's rows, each alone on a real file.
#include <patchbay/sqlite/local_log.hpp>

#include "known_tables.hpp"
#include "sqlite/sqlite_fixture.hpp"
#include "table_rows.hpp"
#include "table_upkeep.hpp"

namespace patchbay::test {
namespace {

class ThroughDbParts : public StoreTest {
 protected:
  ThroughDbParts() {
    in_step([this] {
      upkeep_.prepare(items_schema(), nullptr);
      tables_.synced.set_schema(items_schema());
    });
  }

  void in_step(const std::function<void()>& work) {
    const auto done = store_->write(work);
    EXPECT_TRUE(done) << done.error().message;
  }
  /// "<code>: <message>" of a step that fails, "" of one that does not.
  [[nodiscard]] std::string tried(const std::function<void()>& work) {
    const auto done = store_->write(work);
    return done ? "" : std::string(to_string(done.error().code)) + ": " + done.error().message;
  }
  void elsewhere(const std::string& sql) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(sql);
  }
  [[nodiscard]] static std::string text(const RowRef& row) {
    return row ? sim::print(*row) : "none";
  }

  std::unique_ptr<sqlite::Store> store_ = opened();
  StoreTables tables_{*store_, host};
  sqlite::LocalLog log_{*store_, host};
  through_db::KnownTables known_{*store_, host, tables_.synced};
  through_db::TableRows rows_{*store_, host, log_};
  through_db::TableUpkeep upkeep_{*store_, host, tables_.journal, known_, rows_};
};

TEST_F(ThroughDbParts, FindsTheLiveRowsItPut) {
  in_step([this] {
    const through_db::TableSql& items = known_.find("items");
    const auto silence = rows_.silence();
    EXPECT_TRUE(rows_.is_empty(items));
    rows_.put_live(items, *item("1", "milk"));
    rows_.put_live(items, *item("1", "oat"));
    EXPECT_EQ(text(rows_.find_live(items, *item_key("1"))), "1:oat");
    rows_.remove_live(items, *item_key("1"));
    EXPECT_EQ(text(rows_.find_live(items, *item_key("1"))), "none");
    EXPECT_TRUE(log_.is_empty());
  });
}

TEST_F(ThroughDbParts, KeepsTheFirstBaseUntilOneIsPut) {
  in_step([this] {
    const through_db::TableSql& items = known_.find("items");
    EXPECT_FALSE(rows_.has_bases(items));
    EXPECT_FALSE(rows_.find_base(items, *item_key("1")));
    rows_.keep_base(items, *item("1", "milk"), false);
    rows_.keep_base(items, *item("1", "oat"), true);
    EXPECT_EQ(text(rows_.find_base(items, *item_key("1")).value()), "1:milk");
    rows_.put_base(items, *item_key("1"), {});
    EXPECT_EQ(text(rows_.find_base(items, *item_key("1")).value()), "none");
    EXPECT_TRUE(rows_.has_base(items, *item_key("1")));
    rows_.remove_base(items, *item_key("1"));
    EXPECT_FALSE(rows_.has_bases(items));
  });
}

TEST_F(ThroughDbParts, MeetsTheColumnsOfAnOlderRowByName) {
  const TableSchema& wider = rows::intern_schema(
      {"items", {{"note", "text"}, {"id", "int8", 0, true}, {"title", "text"}}, {1}});
  const through_db::TableSql sql(wider);
  const RowRef row = rows_.in_schema(sql, item("1", "milk"));
  EXPECT_EQ(&row->schema(), &wider);
  EXPECT_TRUE(row->cell(0).is_absent());
  EXPECT_EQ(row->cell(1).text, "1");
  EXPECT_EQ(row->cell(2).text, "milk");
}

TEST_F(ThroughDbParts, LooksAgainWhenAnotherProgramHasChangedATable) {
  in_step([this] { static_cast<void>(known_.find("items")); });
  EXPECT_TRUE(host.logged.empty()) << logged();
  const std::string trigger =
      store_->database()
          .execAndGet(
              "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'items'")
          .getString();
  elsewhere("DROP TRIGGER \"" + trigger + "\"");
  in_step([this] { static_cast<void>(known_.find("items")); });
  EXPECT_NE(logged().find("The trigger \"" + trigger + "\""), std::string::npos) << logged();
}

TEST_F(ThroughDbParts, SaysOnceWhatIsWrongWithATable) {
  elsewhere("CREATE UNIQUE INDEX own ON items (title)");
  for (int step = 0; step < 2; ++step) {
    const std::string why = tried([this] { static_cast<void>(known_.find("items")); });
    EXPECT_TRUE(why.starts_with("retry: ")) << why;
    EXPECT_EQ(host.logged.size(), 1U) << logged();
  }
  elsewhere("DROP INDEX own");
  EXPECT_EQ(tried([this] { static_cast<void>(known_.find("items")); }), "");
}

TEST_F(ThroughDbParts, RefusesATableThatTheStoreDoesNotKnow) {
  const std::string why = tried([this] { static_cast<void>(known_.find("other")); });
  EXPECT_TRUE(why.starts_with("rejected: ")) << why;
  EXPECT_EQ(known_.find_schema("items"), &items_schema());
  EXPECT_EQ(known_.find_schema("other"), nullptr);
  const TableSchema& upper = rows::intern_schema({"ITEMS", {{"id", "int8", 0, true}}, {0}});
  EXPECT_NE(tried([&] { known_.refuse_names(upper); }).find("rename one"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
