// Every trap, under the pattern immutable: by calls, and by SQL from another program. The scripts
// are in stream_traps.cpp and write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/other_program.hpp"
#include "conformance/traps.hpp"
#include "immutable/immutable_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kPattern{"immutable", sim::make_linked<immutable::ImmutablePattern>,
                                     true};
const sim::PatternUnderTest kBySql{"immutable by SQL", kPattern.make, true, by_sql("immutable.db")};

TEST(ImmutableTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kPattern);
}
TEST(ImmutableTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kPattern);
}
TEST(ImmutableTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kPattern);
}
TEST(ImmutableTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kPattern);
}
TEST(ImmutableTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kPattern);
}
TEST(ImmutableTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kPattern);
}
TEST(ImmutableTraps, UpdateToEqualValues) {
  update_to_equal_values(kPattern);
}
TEST(ImmutableTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kPattern);
}
TEST(ImmutableTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kPattern);
}
TEST(ImmutableTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kPattern);
}
TEST(ImmutableTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kPattern);
}
TEST(ImmutableTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kPattern);
}
TEST(ImmutableTraps, ClockJumps) {
  clock_jumps(kPattern);
}
TEST(ImmutableTraps, UpperCaseUuid) {
  upper_case_uuid(kPattern);
}
TEST(ImmutableTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kPattern);
}

TEST(ImmutableSqlTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kBySql);
}
TEST(ImmutableSqlTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kBySql);
}
TEST(ImmutableSqlTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kBySql);
}
TEST(ImmutableSqlTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kBySql);
}
TEST(ImmutableSqlTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kBySql);
}
TEST(ImmutableSqlTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kBySql);
}
TEST(ImmutableSqlTraps, UpdateToEqualValues) {
  update_to_equal_values_by_sql(kBySql);
}
TEST(ImmutableSqlTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kBySql);
}
TEST(ImmutableSqlTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kBySql);
}
TEST(ImmutableSqlTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kBySql);
}
TEST(ImmutableSqlTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kBySql);
}
TEST(ImmutableSqlTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kBySql);
}
TEST(ImmutableSqlTraps, ClockJumps) {
  clock_jumps(kBySql);
}
TEST(ImmutableSqlTraps, UpperCaseUuid) {
  upper_case_uuid_by_sql(kBySql);
}
TEST(ImmutableSqlTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kBySql);
}

}  // namespace
}  // namespace patchbay::check::traps
