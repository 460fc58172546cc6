// A file of version 1 is brought to this one with all its writes, also when it is damaged.
#include "sqlite/version_1_file.hpp"

#include "sqlite/plain_rows.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

using sqlite::SqlitePattern;

constexpr const char* kPlainTables = R"(
CREATE TABLE synced (tbl, key, row, PRIMARY KEY (tbl, key));
CREATE TABLE shown (tbl, key, row, PRIMARY KEY (tbl, key));
CREATE TABLE staged (tbl, key, row, PRIMARY KEY (tbl, key));
INSERT INTO synced VALUES
  ('items', CAST(X'0100000031' AS TEXT), '{"id":"1","title":"milk"}'),
  ('items', CAST(X'0100000032' AS TEXT), '{"id":"2","title":"eggs"}'),
  ('items', CAST(X'0100000033' AS TEXT), '{"id":"3","title":"tea"}');
INSERT INTO shown VALUES
  ('items', CAST(X'0100000031' AS TEXT), '{"id":"1","title":"oat"}'),
  ('items', CAST(X'0100000032' AS TEXT), '{"id":"2","title":"ham"}');
)";

class Version1Test : public StoreTest {
 protected:
  Version1Test() {
    host.tables["items"] = &items_schema();
    host.backend_time = 100;
    make_version_1_file(file().string(), kApplication, kPlainTables);
  }

  std::string start() {
    driver_.reset();
    pattern_.reset();
    pattern_ = std::make_unique<SqlitePattern>(plain_parts(calls_));
    driver_ = std::make_unique<PatternDriver>(*pattern_, host);
    return driver_->start();
  }
  [[nodiscard]] std::string ask(const std::string& sql) const {
    return SQLite::Database(file().string(), SQLite::OPEN_READWRITE).execAndGet(sql).getString();
  }

  PlainRowsLog calls_;
  std::unique_ptr<SqlitePattern> pattern_;
  std::unique_ptr<PatternDriver> driver_;
};

TEST_F(Version1Test, ContinuesWithAllItsWrites) {
  EXPECT_EQ(start(), "restore 3: no ham, send 1, send 2, send 1000");
  EXPECT_EQ(host.resumed, std::vector<std::string>{"items h1 7_0"});
  EXPECT_EQ(driver_->view(), "1:oat  2:ham  3:tea  5:pie");
  EXPECT_EQ(driver_->effects.send_options.at(0).sent_after_s, 50);
  EXPECT_EQ(driver_->effects.sent.at(1).operations.size(), 2U) << "a settled one is sent too";
  EXPECT_EQ(ask("PRAGMA user_version"), "0") << "it is the app's";
  EXPECT_EQ(ask("SELECT version FROM patchbay_format"), "7");
  EXPECT_EQ(ask("SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('patchbay_write',"
                " 'patchbay_operation', 'patchbay_silent')"),
            "");
  EXPECT_EQ(driver_->rejected(2, "no"), "changed 2:eggs");
  EXPECT_EQ(driver_->batch(BatchSource{}.now(item("1", "oat")).settles(1)), "");
  EXPECT_EQ(driver_->discarded(3), "");
  EXPECT_EQ(start(), "restore 2: no, send 1000");
  EXPECT_EQ(driver_->view(), "1:oat  2:eggs  3:tea  5:pie");
}

TEST_F(Version1Test, ContinuesWithTheWritesOfADamagedOne) {
  std::ofstream(file().string() + ".damage") << "why\n\n";
  EXPECT_EQ(start(), "restore 3: no ham, send 1, send 2, send 1000");
  EXPECT_TRUE(logged().find("3 writes of the damaged store continue.") != std::string::npos)
      << logged();
  EXPECT_EQ(driver_->reset({item("1", "milk"), item("2", "eggs"), item("3", "tea")}),
            "table items");
  EXPECT_EQ(driver_->view(), "1:oat  2:ham  3:tea  5:pie");
}

TEST_F(Version1Test, DropsAWriteOfADamagedOneThatIsNotWhole) {
  SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
      .exec("DELETE FROM patchbay_operation WHERE n = 7 AND i = 0");
  std::ofstream(file().string() + ".damage") << "why\n\n";
  EXPECT_EQ(start(), "restore 3: no ham, send 1, send 1000");
  EXPECT_TRUE(logged().find("2 writes of the damaged store continue, 1 can only be read in part") !=
              std::string::npos)
      << logged();
}

}  // namespace
}  // namespace patchbay::test
