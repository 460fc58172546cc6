// WorldProof finds each kind of thing that can be wrong in a world, and nothing in one that is
// right.
#include "sim/world_proof.hpp"

#include <gtest/gtest.h>

#include "rows/row_builder.hpp"
#include "sim/print.hpp"
#include "sim/world_tables.hpp"
#include "write/operation_builder.hpp"

namespace patchbay::sim {
namespace {

class WorldProofTest : public testing::Test {
 protected:
  static const TableSchema& items() { return *world_tables().front().schema; }
  static RowRef item(const char* id, const char* title) {
    return rows::make_row(items(), std::vector{Cell::of(id), Cell::null(), Cell::of(title)});
  }
  static std::vector<Operation> added(const char* id) {
    return {build_operation(items(), insert_row("items", {{"id", id}, {"title", "milk"}})).value()};
  }

  /// The view and the events show the row.
  void show(const char* id, const char* title) {
    const ViewRow row{item(id, title), false};
    view_.push_back(row);
    events_.on_row_changed("test", row);
  }
  void tell(std::uint32_t number, std::uint64_t sequence, WriteState state,
            const std::string& reason = "") {
    WriteStatus status;
    status.id = write_id(number);
    status.sequence = sequence;
    status.state = state;
    status.rejection.message = reason;
    events_.on_write_state("test", status);
  }

  ModelServer server_{world_tables()};
  WorldEvents events_;
  std::vector<ViewRow> view_;
  WorldProof proof_{server_, events_, [this](const std::string& table) {
                      return table == "items" ? view_ : std::vector<ViewRow>{};
                    }};
};

TEST_F(WorldProofTest, FindsNothingWhereAllAgree) {
  server_.apply({{write_id(1), 1, added("1")}, 0});
  show("1", "milk");
  tell(1, 1, WriteState::confirmed);
  tell(2, 2, WriteState::rejected, "not for sale");
  EXPECT_EQ(proof_.wrong_in_tables() + proof_.wrong_in_writes() + proof_.wrong_in_order(), "");
}

TEST_F(WorldProofTest, ComparesTheViewWithTheServer) {
  server_.commit(added("1"));
  EXPECT_EQ(proof_.wrong_in_tables(), "items shows \"\", the server has \"1:null,milk\".\n");
}

TEST_F(WorldProofTest, ComparesTheViewWithTheEvents) {
  server_.commit(added("1"));
  view_.push_back({item("1", "milk"), false});
  EXPECT_EQ(proof_.wrong_in_tables(), "items shows \"1:null,milk\", events told \"\".\n");
}

TEST_F(WorldProofTest, ComparesTheEndOfAWriteWithTheServer) {
  tell(1, 1, WriteState::confirmed);
  tell(2, 2, WriteState::rejected);
  tell(3, 3, WriteState::accepted);
  server_.apply({{write_id(2), 2, added("2")}, 0});
  server_.apply({{write_id(4), 4, added("4")}, 0});
  EXPECT_EQ(proof_.wrong_in_writes(),
            "The write 1 was applied 0 times.\n"
            "The write 2 was rejected and yet applied.\n"
            "The write 2 was rejected without a reason.\n"
            "The write 3 has not ended.\n"
            "The server applied a write that the device never told of.\n");
}

TEST_F(WorldProofTest, FindsAWriteThatWasOvertaken) {
  tell(1, 1, WriteState::confirmed);
  tell(2, 2, WriteState::confirmed);
  server_.apply({{write_id(2), 2, added("2")}, 0});
  server_.apply({{write_id(1), 1, added("1")}, 0});
  EXPECT_EQ(proof_.wrong_in_order(), "The write 1 was overtaken.\n");
}

TEST(FailureOf, GivesTheReasonOfAFailedPattern) {
  PatternStatus status;
  status.state = PatternState::running;
  EXPECT_EQ(failure_of(status), "");
  status.state = PatternState::failed;
  status.reason = "disk full";
  EXPECT_EQ(failure_of(status), "The pattern has failed: disk full\n");
}

}  // namespace
}  // namespace patchbay::sim
