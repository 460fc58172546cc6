// Every trap, under the pattern optimistic. The scripts are in stream_traps.cpp and
// write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/traps.hpp"
#include "optimistic/optimistic_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kOptimistic{"optimistic",
                                        sim::make_linked<optimistic::OptimisticPattern>, true};

TEST(OptimisticTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kOptimistic);
}
TEST(OptimisticTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kOptimistic);
}
TEST(OptimisticTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kOptimistic);
}
TEST(OptimisticTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kOptimistic);
}
TEST(OptimisticTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kOptimistic);
}
TEST(OptimisticTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kOptimistic);
}
TEST(OptimisticTraps, UpdateToEqualValues) {
  update_to_equal_values(kOptimistic);
}
TEST(OptimisticTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kOptimistic);
}
TEST(OptimisticTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kOptimistic);
}
TEST(OptimisticTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kOptimistic);
}
TEST(OptimisticTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kOptimistic);
}
TEST(OptimisticTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kOptimistic);
}
TEST(OptimisticTraps, SwallowedParentAndItsChild) {
  swallowed_parent_and_its_child(kOptimistic);
}
TEST(OptimisticTraps, ClockJumps) {
  clock_jumps(kOptimistic);
}
TEST(OptimisticTraps, UpperCaseUuid) {
  upper_case_uuid(kOptimistic);
}
TEST(OptimisticTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kOptimistic);
}

}  // namespace
}  // namespace patchbay::check::traps
