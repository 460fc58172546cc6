// Every trap, under the pattern through-db: by calls, and by SQL from another program. The scripts
// are in stream_traps.cpp and write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/other_program.hpp"
#include "conformance/traps.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kPattern{"through-db", sim::make_linked<through_db::ThroughDbPattern>,
                                     true};
const sim::PatternUnderTest kBySql{"through-db by SQL", kPattern.make, true,
                                   by_sql("through-db.db")};

TEST(ThroughDbTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kPattern);
}
TEST(ThroughDbTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kPattern);
}
TEST(ThroughDbTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kPattern);
}
TEST(ThroughDbTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kPattern);
}
TEST(ThroughDbTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kPattern);
}
TEST(ThroughDbTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kPattern);
}
TEST(ThroughDbTraps, UpdateToEqualValues) {
  update_to_equal_values(kPattern);
}
TEST(ThroughDbTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kPattern);
}
TEST(ThroughDbTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kPattern);
}
TEST(ThroughDbTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kPattern);
}
TEST(ThroughDbTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kPattern);
}
TEST(ThroughDbTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kPattern);
}
TEST(ThroughDbTraps, ClockJumps) {
  clock_jumps(kPattern);
}
TEST(ThroughDbTraps, UpperCaseUuid) {
  upper_case_uuid(kPattern);
}
TEST(ThroughDbTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kPattern);
}

TEST(ThroughDbSqlTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kBySql);
}
TEST(ThroughDbSqlTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kBySql);
}
TEST(ThroughDbSqlTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kBySql);
}
TEST(ThroughDbSqlTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kBySql);
}
TEST(ThroughDbSqlTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kBySql);
}
TEST(ThroughDbSqlTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kBySql);
}
TEST(ThroughDbSqlTraps, UpdateToEqualValues) {
  update_to_equal_values_by_sql(kBySql);
}
TEST(ThroughDbSqlTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kBySql);
}
TEST(ThroughDbSqlTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kBySql);
}
TEST(ThroughDbSqlTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kBySql);
}
TEST(ThroughDbSqlTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kBySql);
}
TEST(ThroughDbSqlTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kBySql);
}
TEST(ThroughDbSqlTraps, ClockJumps) {
  clock_jumps(kBySql);
}
TEST(ThroughDbSqlTraps, UpperCaseUuid) {
  upper_case_uuid_by_sql(kBySql);
}
TEST(ThroughDbSqlTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kBySql);
}

}  // namespace
}  // namespace patchbay::check::traps
