// Every trap, under the pattern that `patchbay new-plugin` writes: a start that is right.
#include <gtest/gtest.h>

#include <memory>

#include "conformance/traps.hpp"
#include "my_pattern.hpp"

namespace patchbay::check::traps {
namespace {

struct Trap {
  const char* name;
  void (*play)(const sim::PatternUnderTest&);
};

class TemplateTraps : public testing::TestWithParam<Trap> {};

TEST_P(TemplateTraps, AreSurvived) {
  sim::PatternUnderTest pattern;
  pattern.name = "my-pattern";
  pattern.make = sim::make_linked<my_pattern::MyPattern>;
  GetParam().play(pattern);
}

const Trap kTraps[] = {
    {"EchoBeforeTheAnswer", echo_before_the_answer},
    {"SnapshotAlreadyHasTheWrite", snapshot_already_has_the_write},
    {"AnswerLostAfterTheCommit", answer_lost_after_the_commit},
    {"UpdateToEqualValues", update_to_equal_values},
    {"OneOfTwoStreamsLags", one_of_two_streams_lags},
    {"ResetWhileWritesAreUnfinished", reset_while_writes_are_unfinished},
    {"ServerFailedOverAndLostTheWrite", server_failed_over_and_lost_the_write},
    {"SomeoneElseChangesTheRow", someone_else_changes_the_row},
    {"MiddleOfThreeIsRefused", middle_of_three_is_refused},
    {"AwayAndBackWhileUnderWay", away_and_back_while_under_way},
    {"DeleteOfARowAlreadyDeleted", delete_of_a_row_already_deleted},
    {"InsertOfAKeyAlreadyTaken", insert_of_a_key_already_taken},
    {"ParentRefusedBeforeItsChild", parent_refused_before_its_child},
    {"ClockJumps", clock_jumps},
    {"UpperCaseUuid", upper_case_uuid},
};
INSTANTIATE_TEST_SUITE_P(Each, TemplateTraps, testing::ValuesIn(kTraps),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace patchbay::check::traps
