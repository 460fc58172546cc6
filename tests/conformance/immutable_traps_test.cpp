// Every trap, under the pattern immutable: by calls, and by SQL from another program. The scripts
// are in stream_traps.cpp and write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/other_program.hpp"
#include "conformance/traps.hpp"
#include "immutable/immutable_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kImmutable{"immutable", sim::make_linked<immutable::ImmutablePattern>,
                                       true};
const sim::PatternUnderTest kImmutableBySql{"immutable by SQL", kImmutable.make, true,
                                            by_sql("immutable.db")};

TEST(ImmutableTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kImmutable);
}
TEST(ImmutableTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kImmutable);
}
TEST(ImmutableTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kImmutable);
}
TEST(ImmutableTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kImmutable);
}
TEST(ImmutableTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kImmutable);
}
TEST(ImmutableTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kImmutable);
}
TEST(ImmutableTraps, UpdateToEqualValues) {
  update_to_equal_values(kImmutable);
}
TEST(ImmutableTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kImmutable);
}
TEST(ImmutableTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kImmutable);
}
TEST(ImmutableTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kImmutable);
}
TEST(ImmutableTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kImmutable);
}
TEST(ImmutableTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kImmutable);
}
TEST(ImmutableTraps, SwallowedParentAndItsChild) {
  swallowed_parent_and_its_child(kImmutable);
}
TEST(ImmutableTraps, ClockJumps) {
  clock_jumps(kImmutable);
}
TEST(ImmutableTraps, UpperCaseUuid) {
  upper_case_uuid(kImmutable);
}
TEST(ImmutableTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kImmutable);
}

TEST(ImmutableSqlTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kImmutableBySql);
}
TEST(ImmutableSqlTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kImmutableBySql);
}
TEST(ImmutableSqlTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kImmutableBySql);
}
TEST(ImmutableSqlTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kImmutableBySql);
}
TEST(ImmutableSqlTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kImmutableBySql);
}
TEST(ImmutableSqlTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kImmutableBySql);
}
TEST(ImmutableSqlTraps, UpdateToEqualValues) {
  update_to_equal_values_by_sql(kImmutableBySql);
}
TEST(ImmutableSqlTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kImmutableBySql);
}
TEST(ImmutableSqlTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kImmutableBySql);
}
TEST(ImmutableSqlTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kImmutableBySql);
}
TEST(ImmutableSqlTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kImmutableBySql);
}
TEST(ImmutableSqlTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kImmutableBySql);
}
TEST(ImmutableSqlTraps, SwallowedParentAndItsChild) {
  swallowed_parent_and_its_child(kImmutableBySql);
}
TEST(ImmutableSqlTraps, ClockJumps) {
  clock_jumps(kImmutableBySql);
}
TEST(ImmutableSqlTraps, UpperCaseUuid) {
  upper_case_uuid_by_sql(kImmutableBySql);
}
TEST(ImmutableSqlTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kImmutableBySql);
}

}  // namespace
}  // namespace patchbay::check::traps
