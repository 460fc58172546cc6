// Batches are the same however the stream is cut, and the names and values that go into them are
// spelled one way.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>

#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"
#include "electric/batch_builder.hpp"
#include "electric/schema_header.hpp"
#include "hub/shape_rows.hpp"
#include "rows/table_name.hpp"
#include "rows/value_text.hpp"

namespace patchbay::electric {
namespace {

using Lines = std::vector<std::string>;

/// A stream of transactions over few rows, each legal at its place.
Lines random_stream(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::map<int, bool> present;
  Lines messages;
  for (int transaction = 1; transaction <= 6; ++transaction) {
    const unsigned operations = 1 + random() % 4;
    for (unsigned op = 0; op < operations; ++op) {
      const int id = static_cast<int>(random() % 5);
      const test::At at{transaction * 100, static_cast<int>(op * 2),
                        static_cast<unsigned>(900 + transaction)};
      const std::string title = "v" + std::to_string(transaction) + std::to_string(op);
      if (!present[id]) {
        messages.push_back(test::insert(id, title, at));
        present[id] = true;
      } else if (random() % 3 == 0) {
        messages.push_back(test::remove(id, at));
        present[id] = false;
      } else {
        messages.push_back(test::update(id, title, at));
      }
    }
    if (random() % 3 == 0) messages.push_back(test::up_to_date(transaction * 100));
  }
  messages.push_back(test::up_to_date(600));
  return messages;
}

/// The rows that a subscriber would see when the stream arrives in these pieces.
Lines published(const std::vector<Lines>& pieces) {
  MessageParser parser;
  const TableSchema& schema = **parse_schema(test::kItemsSchema, "items");
  BatchBuilder builder;
  builder.set_schema(schema);
  ShapeRows rows;
  Lines lines;
  std::string offset = "0_0";
  for (const Lines& piece : pieces) {
    auto messages = parser.parse(test::body_of(piece), schema);
    RC_ASSERT(messages);
    if (!messages->last_change_offset.empty()) offset = messages->last_change_offset;
    builder.add(std::move(*messages), {"h", offset, offset, 0});
    const auto batch = builder.take();
    if (!batch) continue;
    const auto changes = rows.apply(*batch);
    RC_ASSERT(changes);
    StreamBatch whole{batch->table,    batch->reset,  *changes,
                      batch->evidence, batch->handle, batch->offset};
    lines.push_back(test::print_batch(whole));
  }
  return lines;
}

TEST(BatchBuilder, AnyCutOfTheStreamGivesTheSameBatches) {
  EXPECT_TRUE(rc::check("cuts", [] {
    const Lines stream = random_stream(*rc::gen::arbitrary<std::uint32_t>());
    std::vector<Lines> by_batch(1);
    for (const std::string& message : stream) {
      by_batch.back().push_back(message);
      if (message.find("up-to-date") != std::string::npos) by_batch.emplace_back();
    }
    by_batch.pop_back();
    std::vector<Lines> cut;
    for (const Lines& batch : by_batch) {
      cut.emplace_back();
      for (const std::string& message : batch) {
        if (*rc::gen::inRange(0, 3) == 0) cut.emplace_back();
        cut.back().push_back(message);
      }
    }
    RC_ASSERT(published(cut) == published(by_batch));
    RC_ASSERT(!published(cut).empty());
  }));
}

class Rows : public ::testing::Test {
 protected:
  Result<std::vector<Change>> apply(bool reset, const Lines& messages) {
    ShapeBatch batch;
    batch.reset = reset;
    batch.table = &schema;
    batch.changes = parser.parse(test::body_of(messages), schema)->changes;
    return rows.apply(batch);
  }
  std::string print(bool reset, const Lines& messages) {
    const auto changes = apply(reset, messages);
    if (!changes) return changes.error().message;
    return test::print_changes({&schema, reset, *changes, {}, "", ""});
  }
  MessageParser parser;
  const TableSchema& schema = **parse_schema(test::kItemsSchema, "items");
  ShapeRows rows;
};

TEST_F(Rows, BatchHoldsTheNetEffectOfEachKeyOnce) {
  using test::insert, test::remove, test::update;
  EXPECT_EQ(print(true, {insert(1, "a"), insert(2, "b"), update(1, "c"), remove(2)}), "1:c");
  EXPECT_EQ(print(false, {insert(3, "x"), update(3, "y"), update(1, "d"), update(1, "e")}),
            "3:y 1:e");
  EXPECT_EQ(print(false, {insert(4, "x"), remove(4)}), "");
  EXPECT_EQ(print(false, {remove(1), insert(1, "f")}), "1:f");
  EXPECT_EQ(print(false, {remove(1), insert(1, "f")}), "") << "as it was before";
  EXPECT_EQ(print(false, {remove(9)}), "");
  EXPECT_EQ(print(false, {insert(1, "g")}), "1:g") << "an insert replaces";
  const auto gone = apply(false, {test::update(3, "z"), test::remove(3)});
  ASSERT_EQ(gone->size(), 1U);
  EXPECT_TRUE((*gone)[0].gone);
  EXPECT_EQ((*gone)[0].row->cell(2).text, "y") << "the row as it last was published";
}

TEST_F(Rows, BatchThatCannotBeRightChangesNothing) {
  using test::insert, test::remove, test::update;
  EXPECT_EQ(print(true, {insert(1, "a"), insert(2, "b")}), "1:a 2:b");
  EXPECT_NE(print(false, {update(1, "x"), remove(2), insert(3, "c"), update(9, "ghost")})
                .find("never inserted"),
            std::string::npos);
  EXPECT_EQ(rows.size(), 2U);
  EXPECT_EQ(test::print_changes({&schema, true, rows.all(), {}, "", ""}), "1:a 2:b");
  EXPECT_NE(print(true, {update(9, "ghost")}).find("never inserted"), std::string::npos);
  EXPECT_EQ(rows.size(), 2U);
}

TEST_F(Rows, RepeatedTransactionsOfTheSnapshotAreNotDamage) {
  using test::insert, test::remove, test::update;
  EXPECT_EQ(print(true, {insert(1, "new"), insert(7, "x"), update(7, "y"), update(8, "z"),
                         remove(8), update(9, "w"), insert(9, "v")}),
            "1:new 7:y 9:v");
}

TEST(TableName, HasOneSpelling) {
  const auto spelled = [](std::string_view name) {
    return rows::canonical_table(name).value_or("refused");
  };
  EXPECT_EQ(spelled("items"), "items");
  EXPECT_EQ(spelled("public.items"), "items");
  EXPECT_EQ(spelled("\"public\".\"items\""), "items");
  EXPECT_EQ(spelled("Items"), "items");
  EXPECT_EQ(spelled("\"Items\""), "\"Items\"");
  EXPECT_EQ(spelled("app.items"), "app.items");
  EXPECT_EQ(spelled("app.\"my \"\"items\"\"\""), "app.\"my \"\"items\"\"\"");
  EXPECT_EQ(spelled("日本"), "\"日本\"");
  EXPECT_EQ(spelled("App.Straße"), "app.\"straße\"");
  for (const char* bad : {"", ".", "a.", ".a", "a.b.c", "a b", "\"", "\"a", "\"\"", "1a", "a;b"}) {
    EXPECT_EQ(spelled(bad), "refused") << bad;
  }
}

TEST(ValueText, IsOneForSnapshotAndLog) {
  const auto canonical = [](const char* type, std::string_view text, std::uint32_t dimensions = 0) {
    return rows::canonical_text(rows::spelling_of({"c", type, dimensions, false}), text);
  };
  EXPECT_EQ(canonical("bool", "t"), "true");
  EXPECT_EQ(canonical("bool", "false"), "false");
  EXPECT_EQ(canonical("bool", "{t,f}", 1), "{t,f}");
  EXPECT_EQ(canonical("bpchar", "ab   "), "ab");
  EXPECT_EQ(canonical("text", "ab   "), "ab   ");
  EXPECT_EQ(canonical("inet", "10.0.0.1/32"), "10.0.0.1");
  EXPECT_EQ(canonical("inet", "10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(canonical("inet", "2001:db8::1/128"), "2001:db8::1");
  EXPECT_EQ(canonical("inet", "2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(canonical("cidr", "10.0.0.1/32"), "10.0.0.1/32");
}

}  // namespace
}  // namespace patchbay::electric
