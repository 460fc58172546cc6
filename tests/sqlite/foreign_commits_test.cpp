// The count of other connections' transactions between two looks, by a store that commits too.
#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

class ForeignCommitsTest : public StoreTest {
 protected:
  ForeignCommitsTest() : store_(opened()), other_(file().string(), SQLite::OPEN_READWRITE) {
    other_.exec("CREATE TABLE mine (id INTEGER PRIMARY KEY)");
  }

  /// The count at a look, which forgets what came before; "?" where it is not known.
  std::string look(const std::function<void()>& work = [] {}) {
    std::string count = "?";
    EXPECT_TRUE(store_->write([&] {
      if (const auto known = store_->foreign_commits().count()) count = std::to_string(*known);
      store_->foreign_commits().forget();
      work();
    }));
    return count;
  }
  void insert() { other_.exec("INSERT INTO mine DEFAULT VALUES"); }
  void insert_own() { store_->database().exec("INSERT INTO mine DEFAULT VALUES"); }

  std::unique_ptr<sqlite::Store> store_;
  SQLite::Database other_;
};

TEST_F(ForeignCommitsTest, AreCountedSinceTheLastLook) {
  EXPECT_EQ(look(), "?") << "the store was opened";
  EXPECT_EQ(look(), "0");
  insert();
  EXPECT_EQ(look(), "1");
  insert();
  insert();
  EXPECT_EQ(look(), "2");
  other_.exec("BEGIN; INSERT INTO mine DEFAULT VALUES; INSERT INTO mine DEFAULT VALUES; COMMIT");
  EXPECT_EQ(look(), "1") << "one transaction";
  other_.exec("BEGIN; INSERT INTO mine DEFAULT VALUES; ROLLBACK");
  EXPECT_EQ(look(), "0");
}

TEST_F(ForeignCommitsTest, AreNotThoseOfTheStore) {
  EXPECT_EQ(look(), "?");
  EXPECT_EQ(look([this] { insert_own(); }), "0");
  insert();
  EXPECT_EQ(look([this] { insert_own(); }), "1");
  EXPECT_EQ(look(), "0");
}

TEST_F(ForeignCommitsTest, AreCountedAfterATransactionThatChangedNothing) {
  EXPECT_EQ(look([this] { insert_own(); }), "?");
  EXPECT_EQ(look([this] { store_->database().exec("UPDATE mine SET id = id"); }), "0");
  insert();
  insert();
  EXPECT_EQ(look([this] { store_->database().exec("CREATE TABLE more (id)"); }), "2");
  insert();
  EXPECT_EQ(look(), "1");
}

TEST_F(ForeignCommitsTest, CountAlsoBeforeATransactionThatDoesNotLook) {
  EXPECT_EQ(look(), "?");
  insert();
  ASSERT_TRUE(store_->write([this] { insert_own(); }));
  insert();
  EXPECT_EQ(look(), "2");
}

TEST_F(ForeignCommitsTest, AreNotForgottenByALookThatFails) {
  EXPECT_EQ(look(), "?");
  insert();
  EXPECT_FALSE(store_->write([this] {
    store_->foreign_commits().forget();
    insert_own();
    throw sqlite::Refused{{ErrorCode::retry, "not now"}};
  }));
  insert();
  EXPECT_EQ(look(), "2");
  EXPECT_EQ(look(), "0");
}

TEST_F(ForeignCommitsTest, OutliveACheckpointAndALockThatAnotherHolds) {
  EXPECT_EQ(look(), "?");
  insert();
  other_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(look(), "1");
  other_.exec("BEGIN IMMEDIATE; INSERT INTO mine DEFAULT VALUES");
  EXPECT_FALSE(store_->write([] {}));
  other_.exec("COMMIT");
  EXPECT_EQ(look(), "1");
}

}  // namespace
}  // namespace patchbay::test
