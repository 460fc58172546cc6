#include "net/backoff.hpp"

#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Backoff, DoublesFromTheFirstStepToTheLongest) {
  const auto step = [](std::uint32_t failures) {
    return backoff_step(failures, milliseconds(500), seconds(30));
  };
  EXPECT_EQ(step(0), milliseconds(500));
  EXPECT_EQ(step(1), milliseconds(1'000));
  EXPECT_EQ(step(5), milliseconds(16'000));
  EXPECT_EQ(step(6), seconds(30));
  EXPECT_EQ(step(4'000'000'000U), seconds(30));
}

TEST(Backoff, WaitsAsLongAsTheServerAsksUpToABound) {
  EXPECT_EQ(at_least(seconds(5), seconds(0)), seconds(5));
  EXPECT_EQ(at_least(seconds(5), seconds(9)), seconds(9));
  EXPECT_EQ(at_least(seconds(5), std::chrono::hours(9)), seconds(300));
}

}  // namespace
}  // namespace patchbay::net
