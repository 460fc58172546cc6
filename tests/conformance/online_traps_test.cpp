// Every trap, under the pattern online. The scripts are in stream_traps.cpp and write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/traps.hpp"
#include "online/online_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kPattern{"online", sim::make_linked<online::OnlinePattern>, false};

TEST(OnlineTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kPattern);
}
TEST(OnlineTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kPattern);
}
TEST(OnlineTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kPattern);
}
TEST(OnlineTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kPattern);
}
TEST(OnlineTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kPattern);
}
TEST(OnlineTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kPattern);
}
TEST(OnlineTraps, UpdateToEqualValues) {
  update_to_equal_values(kPattern);
}
TEST(OnlineTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kPattern);
}
TEST(OnlineTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kPattern);
}
TEST(OnlineTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kPattern);
}
TEST(OnlineTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kPattern);
}
TEST(OnlineTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kPattern);
}
TEST(OnlineTraps, ClockJumps) {
  clock_jumps(kPattern);
}
TEST(OnlineTraps, UpperCaseUuid) {
  upper_case_uuid(kPattern);
}
TEST(OnlineTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kPattern);
}

}  // namespace
}  // namespace patchbay::check::traps
