// Every trap, under the pattern through-db: by calls, and by SQL from another program. The scripts
// are in stream_traps.cpp and write_traps.cpp.
#include <gtest/gtest.h>

#include "conformance/other_program.hpp"
#include "conformance/traps.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::check::traps {
namespace {

const sim::PatternUnderTest kThroughDb{"through-db", sim::make_linked<through_db::ThroughDbPattern>,
                                       true};
const sim::PatternUnderTest kThroughDbBySql{"through-db by SQL", kThroughDb.make, true,
                                            by_sql("through-db.db")};

TEST(ThroughDbTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kThroughDb);
}
TEST(ThroughDbTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kThroughDb);
}
TEST(ThroughDbTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kThroughDb);
}
TEST(ThroughDbTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kThroughDb);
}
TEST(ThroughDbTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kThroughDb);
}
TEST(ThroughDbTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kThroughDb);
}
TEST(ThroughDbTraps, UpdateToEqualValues) {
  update_to_equal_values(kThroughDb);
}
TEST(ThroughDbTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kThroughDb);
}
TEST(ThroughDbTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kThroughDb);
}
TEST(ThroughDbTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kThroughDb);
}
TEST(ThroughDbTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kThroughDb);
}
TEST(ThroughDbTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kThroughDb);
}
TEST(ThroughDbTraps, SwallowedParentAndItsChild) {
  swallowed_parent_and_its_child(kThroughDb);
}
TEST(ThroughDbTraps, ClockJumps) {
  clock_jumps(kThroughDb);
}
TEST(ThroughDbTraps, UpperCaseUuid) {
  upper_case_uuid(kThroughDb);
}
TEST(ThroughDbTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kThroughDb);
}

TEST(ThroughDbSqlTraps, EchoBeforeTheAnswer) {
  echo_before_the_answer(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, SnapshotAlreadyHasTheWrite) {
  snapshot_already_has_the_write(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, SomeoneElseChangesTheRow) {
  someone_else_changes_the_row(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, AnswerLostAfterTheCommit) {
  answer_lost_after_the_commit(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, MiddleOfThreeIsRefused) {
  middle_of_three_is_refused(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, AwayAndBackWhileUnderWay) {
  away_and_back_while_under_way(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, UpdateToEqualValues) {
  update_to_equal_values_by_sql(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, DeleteOfARowAlreadyDeleted) {
  delete_of_a_row_already_deleted(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, InsertOfAKeyAlreadyTaken) {
  insert_of_a_key_already_taken(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, OneOfTwoStreamsLags) {
  one_of_two_streams_lags(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, ParentRefusedBeforeItsChild) {
  parent_refused_before_its_child(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, ResetWhileWritesAreUnfinished) {
  reset_while_writes_are_unfinished(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, SwallowedParentAndItsChild) {
  swallowed_parent_and_its_child(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, ClockJumps) {
  clock_jumps(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, UpperCaseUuid) {
  upper_case_uuid_by_sql(kThroughDbBySql);
}
TEST(ThroughDbSqlTraps, ServerFailedOverAndLostTheWrite) {
  server_failed_over_and_lost_the_write(kThroughDbBySql);
}

}  // namespace
}  // namespace patchbay::check::traps
