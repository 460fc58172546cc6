// The effect of a final verdict on a write and on those that depend on it.
#include "write/write_endings.hpp"

#include "core/line_fixture.hpp"

namespace patchbay::test {
namespace {

std::string print(const std::vector<EndedWrite>& ended) {
  std::string text;
  for (const EndedWrite& one : ended) {
    if (!text.empty()) text += ", ";
    const auto* rejection = std::get_if<Rejection>(&one.verdict);
    text += (rejection == nullptr ? "ok " : "rejected ") + sim::print(one.id);
    if (rejection != nullptr && !rejection->because_of.is_nil()) {
      text += " because of " + sim::print(rejection->because_of);
    }
  }
  return text;
}

Rejection conflict() {
  Rejection rejection;
  rejection.status = 409;
  rejection.message = "No.";
  return rejection;
}

const std::string& message_of(const EndedWrite& ended) {
  return std::get<Rejection>(ended.verdict).message;
}

class WriteEndingsTest : public LineFixture {
 protected:
  WriteEndingsTest() : LineFixture(true) {}

  WriteEndings endings_{line_, true};
};

TEST_F(WriteEndingsTest, TakesAWriteOutOfTheLineWithItsDeadline) {
  add(1).trouble().deadline = 5;
  const auto ended = endings_.end(*line_.head(), Acknowledgement{7, 9, "s"});
  EXPECT_EQ(print(ended), "ok 1");
  EXPECT_EQ(ended.at(0).deadline, 5U);
  EXPECT_EQ(line_.size(), 0U);
}

TEST_F(WriteEndingsTest, RejectsWhatDependsInLocalOrder) {
  add(1, {"a"});
  add(2, {"a", "b"});
  add(3);
  add(4, {"b"});
  const auto ended = endings_.end(*line_.head(), conflict());
  EXPECT_EQ(print(ended), "rejected 1, rejected 2 because of 1, rejected 4 because of 1");
  EXPECT_TRUE(message_of(ended[1]).ends_with("was not sent. Reason there: No."));
  EXPECT_EQ(line_.size(), 1U);
}

TEST_F(WriteEndingsTest, RejectsNothingElseUnlessAsked) {
  WriteEndings alone(line_, false);
  add(1, {"a"});
  add(2, {"a"});
  EXPECT_EQ(print(alone.end(*line_.head(), conflict())), "rejected 1");
}

TEST_F(WriteEndingsTest, VoidsADependentThatTheServerMayHave) {
  add(1, {"a"});
  QueuedWrite& reached = add(2, {"a"});
  reached.reached = true;
  EXPECT_EQ(print(endings_.end(*line_.head(), conflict())), "rejected 1");
  EXPECT_TRUE(reached.voiding);
  const auto ended = endings_.end(reached, conflict());
  EXPECT_EQ(print(ended), "rejected 2 because of 1");
  EXPECT_TRUE(message_of(ended[0]).ends_with("was withdrawn. No."));
}

TEST_F(WriteEndingsTest, HoldsTheDependentsOfADivisibleWriteUntilItIsHandled) {
  add(1, {"a"}).divisible = true;
  add(2, {"a"});
  EXPECT_EQ(print(endings_.end(*line_.head(), conflict())), "rejected 1");
  EXPECT_TRUE(endings_.waits_for_owner());
  EXPECT_EQ(print(endings_.on_handled(sim::write_id(9), false)), "") << "another write";
  EXPECT_TRUE(endings_.waits_for_owner());
  EXPECT_EQ(print(endings_.on_handled(sim::write_id(1), false)), "rejected 2 because of 1");
  EXPECT_FALSE(endings_.waits_for_owner());
}

TEST_F(WriteEndingsTest, LeavesTheDependentsOfADividedWriteToItsParts) {
  add(1, {"a"}).divisible = true;
  add(2, {"a"});
  EXPECT_EQ(print(endings_.end(*line_.head(), conflict())), "rejected 1");
  EXPECT_EQ(print(endings_.on_handled(sim::write_id(1), true)), "");
  EXPECT_FALSE(endings_.waits_for_owner());
  EXPECT_EQ(line_.size(), 1U);
}

TEST_F(WriteEndingsTest, SaysThatAWriteNeverLeft) {
  add(1);
  const auto ended = endings_.end_never_reached(*line_.head(), " within 5 s");
  EXPECT_TRUE(
      message_of(ended.at(0))
          .starts_with(
              "The server could not be reached within 5 s: the write never left this device"));
}

}  // namespace
}  // namespace patchbay::test
