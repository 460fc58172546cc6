// Access to the backend, as tables. The checks themselves: tests/host/access_test.cpp.
#include "backend/access.hpp"

#include <gtest/gtest.h>

namespace patchbay::backend {
namespace {

int status(const Access& access, const net::HttpHeaders& headers, Action action = Action::insert,
           const std::string& body = "") {
  net::ServerRequest request;
  request.headers = headers;
  request.body = body;
  const auto refusal = access.refusal(request, action);
  return refusal ? refusal->status : 200;
}

const net::HttpHeaders kForeign{{"host", "localhost"}, {"origin", "http://evil.example"}};

TEST(Access, LetsOnlyLocalHostsInOnLoopbackWithATokenToo) {
  for (const char* token : {"", "t"}) {
    const Access access({"127.0.0.1", {}}, token);
    const std::string bearer = "Bearer " + std::string(token);
    EXPECT_EQ(status(access, {{"host", "LOCALHOST:80"}, {"authorization", bearer}}), 200);
    for (const char* host : {"", "evil.example", "127.0.0.1.evil.example"}) {
      EXPECT_EQ(status(access, {{"host", host}, {"authorization", bearer}}), 403) << host;
      EXPECT_EQ(status(access, {{"host", host}}, Action::health), 403) << host;
    }
  }
  EXPECT_EQ(
      status(Access({"0.0.0.0", {}}, "t"), {{"host", "db.example"}, {"authorization", "Bearer t"}}),
      200);
}

TEST(Access, WantsTheTokenOnDataRoutes) {
  const Access access({"127.0.0.1", {}}, "secret");
  const auto with = [&](const char* given, Action action = Action::insert) {
    return status(access, {{"host", "localhost"}, {"authorization", given}}, action);
  };
  EXPECT_EQ(with("Bearer secret"), 200);
  EXPECT_EQ(with("bearer secret"), 200);
  for (const char* given : {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets",
                            "Bearer SECRET", "Basic secret"}) {
    EXPECT_EQ(with(given), 401) << given;
  }
  EXPECT_EQ(with("", Action::health), 200);
  EXPECT_EQ(with("", Action::ready), 200);
  EXPECT_EQ(with("", Action::metrics), 401);
}

TEST(Access, TurnsOtherSitesAwayOnEveryRoute) {
  const Access access({"127.0.0.1", {}}, "");
  for (const Action action :
       {Action::read_stream, Action::insert, Action::update, Action::remove, Action::changes,
        Action::void_write, Action::health, Action::metrics, Action::openapi, Action::preflight,
        Action::wrong_method, Action::not_found}) {
    EXPECT_EQ(status(access, kForeign, action), 403) << name_of(action);
    EXPECT_EQ(status(access, {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}, action),
              403)
        << name_of(action);
    EXPECT_EQ(status(access, {{"host", "localhost"}}, action), 200) << name_of(action);
  }
}

TEST(Access, WantsTheTokenOfAllowedPagesToo) {
  const Access access({"127.0.0.1", {"http://evil.example"}}, "t");
  EXPECT_EQ(status(access, kForeign), 401);
  EXPECT_EQ(status(access, kForeign, Action::preflight), 200);
  net::HttpHeaders headers = kForeign;
  headers.add("authorization", "Bearer t");
  EXPECT_EQ(status(access, headers), 200);
}

TEST(Access, TakesBodiesOfJsonOnly) {
  const Access access({"127.0.0.1", {"*"}}, "");
  EXPECT_EQ(status(access, {{"host", "localhost"}}, Action::insert, "{}"), 415);
  EXPECT_EQ(
      status(access, {{"host", "localhost"}, {"content-type", "text/plain"}}, Action::remove, "{}"),
      415);
  EXPECT_EQ(status(access, {{"host", "localhost"}, {"content-type", "application/json"}},
                   Action::changes, "[]"),
            200);
}

TEST(Access, TellsBrowsersOnlyWhatIsAllowed) {
  net::ServerRequest request;
  request.headers = kForeign;
  net::HttpResponse closed;
  Access({"127.0.0.1", {}}, "").allow_page(request, closed);
  EXPECT_TRUE(closed.headers.fields().empty());
  EXPECT_TRUE(Access({"127.0.0.1", {}}, "").preflight_answer().headers.fields().empty());

  net::HttpResponse open;
  const Access access({"127.0.0.1", {"http://evil.example"}}, "t");
  access.allow_page(request, open);
  EXPECT_EQ(open.headers.get("access-control-allow-origin"), "http://evil.example");
  EXPECT_NE(open.headers.get("access-control-expose-headers").find("electric-handle"),
            std::string_view::npos);
  EXPECT_NE(
      access.preflight_answer().headers.get("access-control-allow-headers").find("authorization"),
      std::string_view::npos);
}

}  // namespace
}  // namespace patchbay::backend
