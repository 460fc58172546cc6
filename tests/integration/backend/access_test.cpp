// Who may ask, as tables.
#include "backend/access.hpp"

#include <gtest/gtest.h>

namespace patchbay::backend {
namespace {

int status(const Access& access, const net::HttpHeaders& headers, Action action = Action::insert) {
  net::ServerRequest request;
  request.headers = headers;
  const auto refusal = access.refusal(request, action);
  return refusal ? refusal->status : 200;
}

TEST(Access, LetsOnlyLocalHostsInOnLoopback) {
  const Access access("127.0.0.1", "");
  for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:9", "[::1]:9"}) {
    EXPECT_EQ(status(access, {{"host", host}}), 200) << host;
  }
  for (const char* host : {"", "evil.example", "evil.example:80", "localhost.evil.example",
                           "127.0.0.1.evil.example", "[::2]:9"}) {
    EXPECT_EQ(status(access, {{"host", host}}), 403) << host;
  }
}

TEST(Access, TakesAnyHostBeyondLoopbackOrWithToken) {
  EXPECT_EQ(status(Access("0.0.0.0", ""), {{"host", "db.example"}}), 200);
  EXPECT_EQ(
      status(Access("127.0.0.1", "t"), {{"host", "db.example"}, {"authorization", "Bearer t"}}),
      200);
}

TEST(Access, WantsTheTokenOnDataRoutes) {
  const Access access("127.0.0.1", "secret");
  EXPECT_EQ(status(access, {{"Authorization", "Bearer secret"}}), 200);
  EXPECT_EQ(status(access, {{"authorization", "bearer secret"}}), 200);
  for (const char* given : {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets",
                            "Bearer SECRET", "Basic secret"}) {
    EXPECT_EQ(status(access, {{"authorization", given}}), 401) << given;
  }
  EXPECT_EQ(status(access, {}, Action::health), 200);
  EXPECT_EQ(status(access, {}, Action::metrics), 401);
}

TEST(Access, AllowsBrowsersOnlyWithoutToken) {
  net::HttpResponse open;
  Access("127.0.0.1", "").allow_browsers(open);
  EXPECT_EQ(open.headers.get("access-control-allow-origin"), "*");
  net::HttpResponse closed;
  Access("127.0.0.1", "t").allow_browsers(closed);
  EXPECT_EQ(closed.headers.find("access-control-allow-origin"), nullptr);
}

TEST(Access, ComparesWholeTexts) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  for (const char* given : {"", "ab", "abd", "abcd", "xbc"}) {
    EXPECT_FALSE(equal_in_constant_time(given, "abc")) << given;
  }
}

}  // namespace
}  // namespace patchbay::backend
