#include <gtest/gtest.h>

#include <patchbay/kit/write_digest.hpp>
#include <set>
#include <vector>

#include "support/fake_host.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;

const TableSchema& schema(bool turned) {
  static const TableSchema& kTurned = rows::intern_schema([] {
    TableSchema other = items_schema();
    std::swap(other.columns[0], other.columns[1]);
    other.key = {1};
    return other;
  }());
  return turned ? kTurned : items_schema();
}

Operation operation(OperationKind kind, const Cell& title, bool turned = false) {
  const TableSchema& table = schema(turned);
  std::vector<Cell> key(table.columns.size());
  key[table.key[0]] = Cell::of("1");
  std::vector<Cell> set(table.columns.size());
  set[1 - table.key[0]] = title;
  return {kind, rows::make_row(table, key), rows::make_row(table, set)};
}

TEST(WriteDigest, DiffersWithKindValueNullAbsenceOrderAndNumberOfOperations) {
  const Operation a = operation(update, Cell::of("a"));
  const std::vector<std::vector<Operation>> writes = {
      {a},
      {operation(update, Cell::of("b"))},
      {operation(update, Cell::of(""))},
      {operation(update, Cell::null())},
      {operation(update, Cell())},
      {operation(insert, Cell::of("a"))},
      {Operation{OperationKind::remove, a.key, {}}},
      {a, a},
      {a, operation(update, Cell::of("b"))},
      {operation(update, Cell::of("b")), a},
  };
  std::set<std::uint64_t> digests;
  for (const auto& write : writes) digests.insert(digest_of(write));
  EXPECT_EQ(digests.size(), writes.size());
}

TEST(WriteDigest, IsThatOfAStoreWrittenEarlier) {
  EXPECT_EQ(digest_of(std::vector{operation(update, Cell::of("milk"))}), 16922471477215641709U);
}

TEST(WriteDigest, DoesNotDependOnTheOrderOfTheColumns) {
  EXPECT_EQ(digest_of(std::vector{operation(update, Cell::of("a"))}),
            digest_of(std::vector{operation(update, Cell::of("a"), true)}));
}

}  // namespace
}  // namespace patchbay::test
