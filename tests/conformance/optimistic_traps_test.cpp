// Every trap, under the pattern optimistic. The scripts are in stream_traps.cpp and
// write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/traps.hpp"
#include "optimistic/optimistic_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kPattern{"optimistic", sim::make_linked<optimistic::OptimisticPattern>,
                                     true};

TEST(OptimisticTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kPattern);
}
TEST(OptimisticTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kPattern);
}
TEST(OptimisticTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kPattern);
}
TEST(OptimisticTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kPattern);
}
TEST(OptimisticTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kPattern);
}
TEST(OptimisticTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kPattern);
}
TEST(OptimisticTraps, UpdateToEqualValues) {
  update_to_equal_values(kPattern);
}
TEST(OptimisticTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kPattern);
}
TEST(OptimisticTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kPattern);
}
TEST(OptimisticTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kPattern);
}
TEST(OptimisticTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kPattern);
}
TEST(OptimisticTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kPattern);
}
TEST(OptimisticTraps, ClockJumps) {
  clock_jumps(kPattern);
}
TEST(OptimisticTraps, UpperCaseUuid) {
  upper_case_uuid(kPattern);
}
TEST(OptimisticTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kPattern);
}

}  // namespace
}  // namespace patchbay::check::traps
