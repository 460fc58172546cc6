// Which operations of a write go together, as those that share a row do.
#include "write_pieces.hpp"

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

Operation move_item(std::string_view from, std::string_view to) {
  return {OperationKind::update, item_key(from), make_row(items_schema(), {Cell::of(to), Cell{}})};
}

/// The pieces by their operations' indices: "0 2, 1".
std::string pieces(std::vector<Operation> operations) {
  FakeHost host;
  std::string all;
  const Write write{sim::write_id(1), 1, std::move(operations)};
  for (const sqlite::WritePiece& piece : sqlite::pieces_of(host, write)) {
    EXPECT_EQ(piece.operations.size(), piece.indices.size());
    std::string one;
    for (std::size_t at = 0; at < piece.indices.size(); ++at) {
      one += (one.empty() ? "" : " ") + std::to_string(piece.indices[at]);
      EXPECT_EQ(sim::print(*piece.operations[at].key),
                sim::print(*write.operations[piece.indices[at]].key));
    }
    all += (all.empty() ? "" : ", ") + one;
  }
  return all;
}

TEST(WritePieces, KeepsOperationsOfOneRowTogether) {
  EXPECT_EQ(pieces({insert_item("1", "a")}), "0");
  EXPECT_EQ(pieces({insert_item("1", "a"), insert_item("2", "b"), update_item("1", "c")}),
            "0 2, 1");
  EXPECT_EQ(pieces({insert_item("1", "a"), update_item("1", "b"), remove_item("1")}), "0 1 2");
}

TEST(WritePieces, JoinsTheRowsThatAMoveConnects) {
  EXPECT_EQ(pieces({update_item("1", "a"), update_item("2", "b"), move_item("1", "2")}), "0 1 2");
  EXPECT_EQ(pieces({move_item("1", "2"), move_item("3", "4"), insert_item("5", "x"),
                    move_item("4", "2"), remove_item("5")}),
            "0 1 3, 2 4");
}

}  // namespace
}  // namespace patchbay::test
