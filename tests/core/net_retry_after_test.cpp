#include "net/retry_after.hpp"

#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

using std::chrono::seconds;

TEST(RetryAfter, IsSecondsOrADateAgainstTheAnswersOwn) {
  const auto wait = [&](const HttpHeaders& headers) { return retry_after(headers, 1'700'000'000); };
  EXPECT_EQ(wait({}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "5"}}), seconds(5));
  EXPECT_EQ(wait({{"Retry-After", "999999999999"}}), seconds(300));
  EXPECT_EQ(wait({{"Retry-After", "-5"}}), seconds(0));
  EXPECT_EQ(wait({{"Retry-After", "soon"}}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "Sun, 22 Nov 2026 14:00:12 GMT"},
                  {"Date", "Sun, 22 Nov 2026 14:00:02 GMT"}}),
            seconds(10));
  EXPECT_EQ(wait({{"Retry-After", "Tue, 14 Nov 2023 22:13:50 GMT"}}), seconds(30));
}

TEST(RetryAfter, IsUnknownForADateThatNoClockIsTrustedFor) {
  EXPECT_EQ(retry_after({{"Retry-After", "Tue, 14 Nov 2023 22:13:50 GMT"}}, 0), std::nullopt);
}

}  // namespace
}  // namespace patchbay::net
