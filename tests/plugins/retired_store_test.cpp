// A store that is closed to other programs, in both durable patterns: which statements it refuses,
// what it takes before that, and when it is open again.
#include <patchbay/kit/shared_store.hpp>

#include "immutable/immutable_pattern.hpp"
#include "plugins/durable_fixture.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::test {
namespace {

struct RetiredImmutable {
  using Pattern = immutable::ImmutablePattern;
  static constexpr const char* kFile = "immutable.db";
};
struct RetiredThroughDb {
  using Pattern = through_db::ThroughDbPattern;
  static constexpr const char* kFile = "through-db.db";
};

constexpr const char* kNobodyReads =
    "Nobody reads what is written here since the pattern test was swapped to online. Write by the "
    "local API or to the file that patchbay status --json names, or swap the pattern back to the "
    "module of this file.";

template <typename Side>
class RetiredStore : public DurableFixture<typename Side::Pattern> {
 protected:
  using Fixture = DurableFixture<typename Side::Pattern>;

  RetiredStore() : Fixture(Side::kFile) { this->host_.backend_time = 100; }
  void SetUp() override { this->sync({item("1", "milk"), item("2", "eggs")}); }

  /// Hands over to another plugin: what that takes, or the error.
  std::string retire() {
    const std::size_t before = this->driver_->effects.sent.size();
    const Result<void> closed =
        shared_store(*this->pattern_)->close("online", this->driver_->effects);
    if (!closed) {
      return std::string(to_string(closed.error().code)) + ": " + closed.error().message;
    }
    std::string all;
    for (std::size_t at = before; at < this->driver_->effects.sent.size(); ++at) {
      all += (at == before ? "" : " | ") + in_words(this->driver_->effects.sent[at]);
    }
    static_cast<void>(this->driver_->effects.take());
    return all;
  }
  [[nodiscard]] bool is_closed() {
    const std::string said = this->sql("INSERT INTO items (id, title) VALUES (7, 'jam')");
    return said == kNobodyReads;
  }
  /// The pattern starts as a successor of another plugin.
  void start_as_successor() {
    this->close();
    this->host_.successor = true;
    this->host_.succession = {};
    ASSERT_EQ(this->open(), "");
  }
};

using RetiredSides = testing::Types<RetiredImmutable, RetiredThroughDb>;
TYPED_TEST_SUITE(RetiredStore, RetiredSides);

TYPED_TEST(RetiredStore, RefusesEachStatementThatChangesARow) {
  SQLite::Statement prepared(this->other(), "INSERT INTO items (id, title) VALUES (?, 'tea')");
  EXPECT_EQ(this->retire(), "");
  for (const char* statement : {
           "INSERT INTO items (id, title) VALUES (3, 'tea')",
           "INSERT INTO items SELECT id + 10, title FROM items",
           "INSERT OR REPLACE INTO items (id, title) VALUES (3, 'tea')",
           "INSERT OR IGNORE INTO items (id, title) VALUES (3, 'tea')",
           "INSERT OR ROLLBACK INTO items (id, title) VALUES (3, 'tea')",
           "INSERT OR FAIL INTO items (id, title) VALUES (3, 'tea')",
           "UPDATE items SET title = 'tea'",
           "UPDATE items SET id = 9 WHERE id = 1",
           "UPDATE OR IGNORE items SET title = 'tea' WHERE id = 2",
           "DELETE FROM items",
           "DELETE FROM items WHERE id = 2",
           "INSERT INTO patchbay_boundary DEFAULT VALUES",
           "BEGIN; UPDATE items SET title = 'tea'; COMMIT",
       }) {
    EXPECT_EQ(this->sql(statement), kNobodyReads) << statement;
    this->other().tryExec("ROLLBACK");
  }
  // An immutable view refuses these for their keys, open or closed.
  for (const char* statement : {
           "REPLACE INTO items (id, title) VALUES (1, 'tea')",
           "UPDATE OR REPLACE items SET id = 2 WHERE id = 1",
           "PRAGMA recursive_triggers = 1; REPLACE INTO items (id, title) VALUES (1, 'tea')",
       }) {
    EXPECT_NE(this->sql(statement), "") << statement;
  }
  prepared.bind(1, 3);
  EXPECT_THROW(prepared.exec(), SQLite::Exception);
  EXPECT_EQ(this->rows(), "1:milk  2:eggs");
  EXPECT_EQ(this->sql("UPDATE items SET title = title"), "") << "changes nothing";
  EXPECT_EQ(this->sql("CREATE TABLE mine (a); INSERT INTO mine VALUES (1)"), "")
      << "tables of an app are its own";
}

TYPED_TEST(RetiredStore, RefusesWithASentenceInEveryProgram) {
  EXPECT_EQ(this->retire(), "");
  const std::string insert = "INSERT INTO items (id, title) VALUES (3, 'tea')";
  EXPECT_NE(output_of("sqlite3 " + this->file() + " \"" + insert + "\"").find(kNobodyReads),
            std::string::npos);
  EXPECT_NE(output_of("python3 -c \"import sqlite3; sqlite3.connect('" + this->file() +
                      "').execute(\\\"" + insert + "\\\")\"")
                .find(kNobodyReads),
            std::string::npos);
}

TYPED_TEST(RetiredStore, TakesWhatWasWrittenBeforeInItsLastLook) {
  EXPECT_EQ(this->sql("INSERT INTO items (id, title) VALUES (3, 'tea')"), "");
  EXPECT_EQ(this->retire(), "insert 3:tea");
  this->close();
  EXPECT_EQ(this->open(), "send 1000") << "it is in the journal, once";
}

TYPED_TEST(RetiredStore, RefusesWhatATransactionWritesThatBeganBefore) {
  SQLite::Database reader(this->file(), SQLite::OPEN_READWRITE);
  reader.exec("BEGIN");
  EXPECT_EQ(reader.execAndGet("SELECT count(*) FROM items").getInt(), 2);
  EXPECT_EQ(this->retire(), "");
  EXPECT_THROW(reader.exec("INSERT INTO items (id, title) VALUES (3, 'tea')"), SQLite::Exception);
  reader.exec("ROLLBACK");
  EXPECT_THROW(reader.exec("INSERT INTO items (id, title) VALUES (3, 'tea')"), SQLite::Exception);
}

TYPED_TEST(RetiredStore, StaysOpenWhileATransactionIsAndTakesWhatThatCommits) {
  EXPECT_EQ(this->sql("BEGIN IMMEDIATE; INSERT INTO items (id, title) VALUES (3, 'tea')"), "");
  const std::string locked = this->retire();
  EXPECT_TRUE(locked.starts_with("retry: ")) << locked;
  EXPECT_EQ(this->sql("INSERT INTO items (id, title) VALUES (4, 'jam'); COMMIT"), "");
  EXPECT_EQ(this->retire(), "insert 3:tea; insert 4:jam");
  EXPECT_TRUE(this->is_closed());
}

TYPED_TEST(RetiredStore, IsOpenAgainWhereThePatternRunsOn) {
  EXPECT_EQ(this->retire(), "");
  EXPECT_EQ(this->retire(), "") << "another swap, before it was open again";
  EXPECT_EQ(this->driver_->local_change(), "nothing");
  EXPECT_EQ(this->sql_then_look("INSERT INTO items (id, title) VALUES (3, 'tea')"), "insert 3:tea");
  EXPECT_EQ(this->retire(), "");
  EXPECT_TRUE(this->is_closed());
}

TYPED_TEST(RetiredStore, IsOpenedAgainOnceThatCanBe) {
  EXPECT_EQ(this->retire(), "");
  this->other().exec("BEGIN IMMEDIATE");
  EXPECT_TRUE(this->driver_->local_change().starts_with("error retry: "));
  this->other().exec("COMMIT");
  EXPECT_TRUE(this->is_closed());
  EXPECT_EQ(this->driver_->local_change(), "nothing");
  EXPECT_FALSE(this->is_closed());
}

TYPED_TEST(RetiredStore, IsOpenedByAStart) {
  EXPECT_EQ(this->retire(), "");
  EXPECT_EQ(this->open(), "");
  EXPECT_EQ(this->sql_then_look("INSERT INTO items (id, title) VALUES (3, 'tea')"), "insert 3:tea");
}

/// Until it is recorded that this pattern is the one that runs.
TYPED_TEST(RetiredStore, StaysClosedUntilASuccessorHasAdopted) {
  EXPECT_EQ(this->driver_->write(9, {update_item("2", "ham")}), "accept 9, send 9, changed 2:ham");
  EXPECT_EQ(this->retire(), "");
  this->start_as_successor();
  EXPECT_TRUE(this->is_closed());
  BatchSource batch;
  batch.now(item("1", "oat")).now(item("4", "rye"));
  EXPECT_EQ(this->driver_->batch(batch), "changed 1:oat, changed 4:rye");
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(20), 20, {insert_item("5", "fig"), remove_item("1")}}, {}, 50}};
  EXPECT_EQ(this->driver_->adopt({unfinished, {}, nullptr}),
            "gone 1:-, changed 2:eggs, changed 5:fig")
      << "the pattern's own changes are not refused";
  EXPECT_TRUE(this->is_closed());
  EXPECT_EQ(this->driver_->rejected(20), "changed 1:oat, gone 5:-");
  EXPECT_TRUE(this->is_closed());
  EXPECT_EQ(this->driver_->local_change(), "nothing");
  EXPECT_EQ(this->rows(), "1:oat  2:eggs  4:rye");
  EXPECT_EQ(this->sql_then_look("INSERT INTO items (id, title) VALUES (3, 'tea')"), "insert 3:tea");
}

}  // namespace
}  // namespace patchbay::test
