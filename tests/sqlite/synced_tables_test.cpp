// The schemas and positions of a store's tables, on a real file.
#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

class SyncedTablesTest : public StoreTest {
 protected:
  SyncedTablesTest()
      : store_(opened()),
        tables_(*store_, host),
        schemas_(tables_.schemas),
        synced_(tables_.synced) {}

  /// Runs `work` in a transaction that must not fail.
  void in_step(const std::function<void()>& work) {
    const auto done = store_->write(work);
    EXPECT_TRUE(done) << done.error().message;
  }
  [[nodiscard]] std::string printed() {
    std::string all;
    for (const sqlite::KeptTable& table : synced_.all()) {
      all +=
          (all.empty() ? "" : ", ") + table.schema->name + " " + table.handle + " " + table.offset;
    }
    return all;
  }

  std::unique_ptr<sqlite::Store> store_;
  StoreTables tables_;
  sqlite::SchemaTable& schemas_;
  sqlite::SyncedTables& synced_;
  const TableSchema& other_ = rows::intern_schema({"other", {{"id", "int8", 0, true}}, {0}});
};

TEST_F(SyncedTablesTest, GivesEachSchemaOneNumber) {
  in_step([&] {
    const auto items = schemas_.keep(items_schema());
    const auto other = schemas_.keep(other_);
    EXPECT_NE(items.id, other.id);
    EXPECT_NE(items.sum, other.sum);
    sqlite::SchemaTable again(*store_, host);
    EXPECT_EQ(&again.find(other.id), &other_);
    EXPECT_EQ(again.keep(items_schema()).id, items.id);
    EXPECT_EQ(again.keep(items_schema()).sum, items.sum);
  });
}

TEST_F(SyncedTablesTest, RefusesASchemaThatTheFileLacks) {
  const auto done = store_->read([&] { static_cast<void>(schemas_.find(7)); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::corrupt);
  EXPECT_NE(done.error().message.find("lacks the schema"), std::string::npos);
}

TEST_F(SyncedTablesTest, HasNoSchemaOfWhatWasUndone) {
  EXPECT_FALSE(store_->write([&] {
    synced_.set_schema(items_schema());
    EXPECT_EQ(synced_.find_schema("items"), &items_schema());
    throw sqlite::Refused{{ErrorCode::retry, "again"}};
  }));
  in_step([&] {
    EXPECT_EQ(synced_.find_schema("items"), nullptr);
    synced_.set_schema(other_);
    EXPECT_EQ(schemas_.keep(other_).id, 1) << "the number is free again";
    EXPECT_EQ(&schemas_.find(1), &other_);
  });
}

TEST_F(SyncedTablesTest, AdvancesOnlyATableThatHasItsRows) {
  in_step([&] {
    synced_.set_schema(items_schema());
    synced_.advance_position("items", {"h1", "1_0"});
    EXPECT_EQ(printed(), "items  ");
    synced_.set_position("items", {"h1", "2_0"});
    synced_.advance_position("items", {"h1", "3_0"});
    EXPECT_EQ(printed(), "items h1 3_0");
    synced_.set_schema(items_schema());
    EXPECT_EQ(printed(), "items  ");
  });
}

TEST_F(SyncedTablesTest, KnowsTheTablesOfADamagedStoreApart) {
  in_step([&] {
    synced_.set_schema(items_schema());
    synced_.set_schema(other_);
    store_->database().exec("UPDATE patchbay_table SET prepared = 0 WHERE name = 'items'");
  });
  StoreTables again(*store_, host);
  in_step([&] {
    EXPECT_EQ(again.synced.salvaged(), std::vector{&items_schema()});
    EXPECT_EQ(again.synced.find_schema("items"), nullptr);
    ASSERT_EQ(again.synced.all().size(), 1U);
    EXPECT_EQ(again.synced.all()[0].schema, &other_);
  });
}

}  // namespace
}  // namespace patchbay::test
