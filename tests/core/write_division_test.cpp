// How a refused write is divided: which operations go together, and what the parts are called.
#include "write/write_division.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <patchbay/kit/final_writes.hpp>
#include <set>
#include <string>

#include "support/fake_host.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

Operation move_item(std::string_view from, std::string_view to) {
  return {OperationKind::update, item_key(from), make_row(items_schema(), {Cell::of(to), Cell{}})};
}
Write write_of(std::vector<Operation> operations) {
  return {sim::write_id(1), 10, std::move(operations)};
}
/// The parts by their sequences and keys: "10: 1 2, 12: 3".
std::string parts(std::vector<Operation> operations) {
  std::string all;
  for (const Write& part : divide(write_of(std::move(operations)))) {
    all += (all.empty() ? "" : ", ") + std::to_string(part.sequence) + ":";
    for (const Operation& one : part.operations) {
      all += " " + std::string(one.key->cell(0).text);
    }
  }
  return all;
}

TEST(WriteDivision, KeepsOperationsOfOneRowTogether) {
  EXPECT_EQ(parts({insert_item("1", "a")}), "10: 1");
  EXPECT_EQ(parts({insert_item("1", "a"), insert_item("2", "b"), update_item("1", "c")}),
            "10: 1 1, 12: 2");
  EXPECT_EQ(parts({insert_item("1", "a"), update_item("1", "b"), remove_item("1")}), "10: 1 1 1");
}

TEST(WriteDivision, JoinsTheRowsThatAMoveConnects) {
  EXPECT_EQ(parts({update_item("1", "a"), update_item("2", "b"), move_item("1", "2")}),
            "10: 1 2 1");
  EXPECT_EQ(parts({move_item("1", "2"), move_item("3", "4"), insert_item("5", "x"),
                   move_item("4", "2"), remove_item("5")}),
            "10: 1 3 4, 13: 5 5");
}

TEST(WriteDivision, NamesPartsByTheWholeWriteAndTheirOperationsAlone) {
  constexpr std::size_t kParts = 2'000;
  std::vector<Operation> operations;
  for (std::size_t at = 0; at < kParts; ++at) {
    operations.push_back(insert_item(std::to_string(at), "x"));
  }
  Write whole = write_of(operations);
  whole.id = make_write_id(std::chrono::system_clock::time_point(1'700'000'000s));
  const std::vector<Write> once = divide(whole);
  whole.sequence = 77;
  for (Operation& one : whole.operations) one = update_item(one.key->cell(0).text, "y");
  const std::vector<Write> again = divide(whole);
  whole.id.bytes[15] ^= 1U;
  const std::vector<Write> of_another = divide(whole);

  EXPECT_TRUE(std::ranges::equal(once, again, {}, &Write::id, &Write::id));
  std::set<WriteId> ids;
  for (const auto* of : {&once, &of_another}) {
    for (const Write& part : *of) {
      ids.insert(part.id);
      EXPECT_EQ(made_at_ms(part.id), 1'700'000'000'000) << "a UUIDv7 of the write's time";
      EXPECT_EQ(part.id.bytes[8] & 0xC0U, 0x80U);
    }
  }
  EXPECT_EQ(ids.size(), 2 * kParts);
}

}  // namespace
}  // namespace patchbay::test
