// RowPatches against a fold of the same operations, whatever comes and goes in whatever order.
#include <gtest/gtest.h>

#include <patchbay/kit/row_patches.hpp>
#include <random>

#include "support/fake_host.hpp"

namespace patchbay::test {
namespace {

const TableSchema& pairs() {
  return rows::intern_schema(
      {"pairs", {{"id", "int8", 0, true}, {"a", "text", 0, false}, {"b", "text", 0, false}}, {0}});
}
RowRef pair(const Cell& id, const Cell& a, const Cell& b) {
  return make_row(pairs(), {id, a, b});
}
RowRef key(std::string_view id) {
  return pair(Cell::of(id), {}, {});
}

class RowPatchesTest : public ::testing::TestWithParam<unsigned>, protected FoldSource {
 protected:
  [[nodiscard]] RowRef synced(const TouchedRow& row) override {
    const bool there = is_synced_ && row.name == row_.name;
    return there ? pair(Cell::of("1"), Cell::of("a"), Cell::of("b")) : RowRef{};
  }
  [[nodiscard]] std::vector<PlacedOperation> operations(const RowName& row) override {
    std::vector<PlacedOperation> found;
    for (const PlacedOperation& one : operations_) {
      for (const TouchedRow& touched : touched_rows(host, one.operation)) {
        if (touched.name == row) found.push_back(one);
      }
    }
    return found;
  }
  FoldedRow folded() {
    const auto rows = RowFolding(host, *this).fold({row_});
    return *std::ranges::find(rows, row_.name, [](const FoldedRow& one) { return one.row.name; });
  }
  void add(Operation operation) {
    const OperationPlace place{++last_, 0};
    patches_.add(host, operation, place);
    operations_.push_back({place, std::move(operation)});
  }
  void remove(std::size_t at) {
    const PlacedOperation gone = operations_.at(at);
    operations_.erase(operations_.begin() + static_cast<std::ptrdiff_t>(at));
    patches_.remove(host, gone.operation, gone.place);
  }
  int pick(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most)); }
  Operation any_operation() {
    const std::string text = std::to_string(pick(1'000));
    const Cell value = pick(10) == 0 ? Cell::null() : Cell::of(text);
    switch (pick(400)) {
      case 0:
        return {OperationKind::insert, key("1"), pair(Cell::of("1"), value, {})};
      case 1:
        return {OperationKind::remove, key("1"), {}};
      case 2:
        return {OperationKind::update, key("1"), pair(Cell::of("2"), value, {})};
      case 3:
        return {OperationKind::update, key("2"), pair(Cell::of("1"), {}, value)};
      default:
        break;
    }
    const bool a = pick(20) > 0;  // so that nothing sets the other one at times
    return {OperationKind::update, key("1"), a ? pair({}, value, {}) : pair({}, {}, value)};
  }

  FakeHost host;
  bool is_synced_ = true;
  TouchedRow row_{row_name(*key("1")), key("1")};
  RowPatches patches_;
  std::vector<PlacedOperation> operations_;
  std::uint64_t last_ = 0;
  std::mt19937 random_{GetParam()};
};

TEST_P(RowPatchesTest, AreWhatAFoldWouldGive) {
  host.tables["pairs"] = &pairs();
  int known = 0;
  for (int step = 0; step < 2'000; ++step) {
    if (operations_.size() > 40 || (pick(3) == 0 && !operations_.empty())) {
      const bool first = pick(8) > 0;
      remove(first ? 0 : static_cast<std::size_t>(pick(static_cast<int>(operations_.size()))));
    } else {
      add(any_operation());
    }
    if (pick(100) == 0) is_synced_ = !is_synced_;
    const FoldedRow wanted = folded();
    if (const RowPatch* patch = patches_.find(host, row_.name, is_synced_)) {
      ++known;
      ASSERT_EQ(patch->kind, wanted.patch.kind) << step;
      ASSERT_EQ(sim::print(*patch->cells), sim::print(*wanted.patch.cells)) << step;
    } else {
      patches_.keep(host, wanted, operations(row_.name));
    }
  }
  EXPECT_GT(known, 200) << "it knows too little to be of use";
}

INSTANTIATE_TEST_SUITE_P(Seeds, RowPatchesTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace patchbay::test
