#include "api/access.hpp"

#include "integration/api/api_fixture.hpp"

namespace patchbay::test {
namespace {

TEST_F(ApiTest, AnswersLocalNamesOnly) {
  for (const char* host : {"localhost", "localhost:1", "127.0.0.1:8080", "[::1]:9", "LocalHost"}) {
    EXPECT_EQ(get("/api/patterns", {{"Host", host}}).status, 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80",
                           "10.0.0.1", "[::2]", ""}) {
    EXPECT_EQ(get("/api/patterns", {{"Host", host}}).status, 403) << host;
    EXPECT_EQ(get("/metrics", {{"Host", host}}).status, 403) << host;
  }
}

TEST_F(ApiTest, RefusesOtherOrigins) {
  const std::string own = "127.0.0.1:" + std::to_string(api_->port());
  EXPECT_EQ(get("/api/patterns", {{"Host", own}, {"Origin", "http://" + own}}).status, 200);
  for (const std::string origin :
       {"http://evil.example", "null", "http://127.0.0.1:1", "", "http://localhost"}) {
    const RawResponse response = get("/api/patterns", {{"Host", own}, {"Origin", origin}});
    EXPECT_EQ(response.status, 403) << origin;
    EXPECT_EQ(response.json()["error"]["code"], "rejected");
  }
}

TEST_F(ApiTest, RefusesWhatBrowsersSendWithoutOrigin) {
  for (const char* site : {"cross-site", "same-site"}) {
    EXPECT_EQ(get("/api/patterns", {{"Sec-Fetch-Site", site}}).status, 403) << site;
    EXPECT_EQ(get("/metrics", {{"Sec-Fetch-Site", site}}).status, 403) << site;
    EXPECT_EQ(get("/", {{"Sec-Fetch-Site", site}}).status, get("/").status) << "a link to the page";
  }
  EXPECT_EQ(get("/api/patterns", {{"Sec-Fetch-Site", "same-origin"}}).status, 200);
  EXPECT_EQ(get("/api/patterns", {{"Sec-Fetch-Site", "none"}}).status, 200);
}

TEST_F(ApiTest, TakesBodiesOfJsonOnly) {
  const std::string write = R"({"operations":[]})";
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", ""}) {
    const RawResponse response =
        ask(api_->port(), "POST", "/api/patterns/fast/writes", write, {{"Content-Type", type}});
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_NE(response.json()["error"]["message"].dump().find("application/json"),
              std::string::npos);
  }
}

TEST_F(ApiTest, GivesNoOtherSiteLeave) {
  const RawResponse response = get("/api/patterns");
  EXPECT_EQ(response.head.find("Access-Control"), std::string::npos);
  EXPECT_NE(response.head.find("Cross-Origin-Resource-Policy: same-origin"), std::string::npos);
  EXPECT_EQ(ask(api_->port(), "OPTIONS", "/api/patterns/fast/writes").status, 405);
}

TEST(Access, NeedsATokenOffLoopback) {
  api::ApiOptions options;
  options.address = "0.0.0.0";
  const auto refused = api::start_api_server(options, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("give it a token"), std::string::npos);

  options.token = "secret-token";
  const auto started = api::start_api_server(options, {});
  ASSERT_TRUE(started) << started.error().message;
  const std::uint16_t port = (*started)->port();
  const auto status = [&](const std::string& target, const RawHeaders& headers) {
    return ask(port, "GET", target, "", headers).status;
  };
  EXPECT_EQ(status("/api/status", {}), 401);
  EXPECT_EQ(status("/metrics", {}), 401);
  EXPECT_EQ(status("/%61pi/status", {}), 401);
  EXPECT_EQ(status("/api/status", {{"Authorization", "Bearer secret-tokem"}}), 401);
  EXPECT_EQ(status("/api/status", {{"Authorization", "Bearer "}}), 401);
  EXPECT_EQ(status("/api/status?token=secret-token", {}), 401);
  EXPECT_EQ(status("/api/events?token=wrong", {}), 401);
  EXPECT_EQ(status("/api/status", {{"Authorization", "Bearer secret-token"}}), 200);
  EXPECT_EQ(
      status("/api/status", {{"Authorization", "bearer secret-token"}, {"Host", "house.example"}}),
      200);
  EXPECT_EQ(status("/nothing", {}), 404);

  RawConnection events(port);
  events.send("GET /api/events?token=secret-token HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(events.read_until("event: hello").find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
