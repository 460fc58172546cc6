// The backend's own time, as the write queue knows it.
#include "write/backend_time.hpp"

#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

const std::vector<Verdict> kAcknowledged{Acknowledgement{7, 9, "system"}};
const std::vector<Verdict> kUnknown{Unknown{"Lost.", std::nullopt, false, false, true}};

RequestInFlight question() {
  RequestInFlight request;
  request.asks_time = true;
  return request;
}

TEST(BackendTime, IsToldByAnAnswerWithAnOutcome) {
  BackendTime time;
  EXPECT_FALSE(time.is_known());
  EXPECT_EQ(time.on_answer({}, kAcknowledged, 5), 5);
  EXPECT_EQ(time.date_s(), 5);
}

TEST(BackendTime, IsToldByTheAnswerToTheQuestionForIt) {
  BackendTime time;
  EXPECT_EQ(time.on_answer(question(), {}, 6), 6);
  EXPECT_TRUE(time.is_known());
}

TEST(BackendTime, IgnoresTheDateOfAnAnswerWithoutOutcome) {
  BackendTime time;
  EXPECT_EQ(time.on_answer({}, kUnknown, 5), std::nullopt) << "anything on the way may say that";
  EXPECT_EQ(time.on_answer({}, {}, 5), std::nullopt) << "nobody asked for the time";
  EXPECT_FALSE(time.is_known());
}

TEST(BackendTime, TellsOnceThatTheBackendNoLongerAnswersAndKeepsTheTime) {
  BackendTime time;
  EXPECT_EQ(time.on_answer({}, kAcknowledged, 5), 5);
  EXPECT_EQ(time.on_answer({}, kUnknown, 6), 0);
  EXPECT_EQ(time.on_answer({}, kUnknown, 7), std::nullopt);
  EXPECT_EQ(time.date_s(), 5) << "a mark is made with the last time that is known";
}

TEST(BackendTime, StaysAsItIsAfterAnOutcomeWithoutADate) {
  BackendTime time;
  EXPECT_EQ(time.on_answer({}, kAcknowledged, 5), 5);
  EXPECT_EQ(time.on_answer({}, kAcknowledged, 0), std::nullopt);
  EXPECT_EQ(time.date_s(), 5);
}

}  // namespace
}  // namespace patchbay::test
