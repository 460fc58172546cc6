// Every trap, under the pattern online. The scripts are in stream_traps.cpp and write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/traps.hpp"
#include "online/online_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kOnline{"online", sim::make_linked<online::OnlinePattern>, false};

TEST(OnlineTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kOnline);
}
TEST(OnlineTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kOnline);
}
TEST(OnlineTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kOnline);
}
TEST(OnlineTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kOnline);
}
TEST(OnlineTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kOnline);
}
TEST(OnlineTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kOnline);
}
TEST(OnlineTraps, UpdateToEqualValues) {
  update_to_equal_values(kOnline);
}
TEST(OnlineTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kOnline);
}
TEST(OnlineTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kOnline);
}
TEST(OnlineTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kOnline);
}
TEST(OnlineTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kOnline);
}
TEST(OnlineTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kOnline);
}
TEST(OnlineTraps, SwallowedParentAndItsChild) {
  swallowed_parent_and_its_child(kOnline);
}
TEST(OnlineTraps, ClockJumps) {
  clock_jumps(kOnline);
}
TEST(OnlineTraps, UpperCaseUuid) {
  upper_case_uuid(kOnline);
}
TEST(OnlineTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kOnline);
}

}  // namespace
}  // namespace patchbay::check::traps
