// Access, as tables: the checks that every listener of a host shares.
#include "access/access.hpp"

#include <gtest/gtest.h>

#include "access/origin.hpp"

namespace patchbay::access {
namespace {

net::ServerRequest request(net::HttpHeaders headers, std::string body = "") {
  net::ServerRequest request;
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

TEST(Loopback, IsWhatOnlyThisMachineReaches) {
  for (const char* address :
       {"127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "[::1]", "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1", "::FFFF:127.9.9.9", "localhost", "LOCALHOST"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
    EXPECT_TRUE(check_listener("The part", address, "", "a token")) << address;
  }
}

TEST(Loopback, IsNothingThatLooksLikeIt) {
  for (const char* address : {"",
                              "0.0.0.0",
                              "::",
                              "[::]",
                              "::2",
                              "10.0.0.1",
                              "192.168.0.1",
                              "128.0.0.1",
                              "1.27.0.0",
                              "127.evil.com",
                              "127.0.0.1.evil.com",
                              "localhost.evil.com",
                              "evil-localhost",
                              "127.1",
                              "127",
                              "127.0.0.1/8",
                              " 127.0.0.1",
                              "127.0.0.1 ",
                              "::ffff:10.0.0.1",
                              "::127.0.0.1",
                              "::1%lo",
                              "fe80::1",
                              "[::1",
                              "::1]",
                              "house.example",
                              "0x7f.0.0.1",
                              "2130706433"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
    EXPECT_TRUE(check_listener("The part", address, "secret", "a token")) << address;
    const auto refused = check_listener("The part", address, "", "a token");
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().code, ErrorCode::rejected);
    EXPECT_NE(refused.error().message.find("give it a token"), std::string::npos);
  }
}

TEST(Host, IsThisMachineOnLoopback) {
  for (const char* bound : {"127.0.0.1", "127.0.0.2", "::1"}) {
    const Listener listener{bound, {}};
    for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:9", "[::1]:9",
                             "[::1]", "127.0.0.2:8787"}) {
      EXPECT_FALSE(foreign_host(listener, request({{"Host", host}}))) << host;
    }
    for (const char* host :
         {"", "evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example",
          "127.evil.com:80", "[::2]:9", "10.0.0.1", "[::1]evil.example", "0.0.0.0", "::1"}) {
      EXPECT_TRUE(foreign_host(listener, request({{"Host", host}}))) << host;
    }
    EXPECT_TRUE(foreign_host(listener, request({})));
  }
}

TEST(Host, IsAnyNameWhereOtherMachinesMayAsk) {
  for (const char* bound : {"0.0.0.0", "::", "10.0.0.1"}) {
    EXPECT_FALSE(foreign_host({bound, {}}, request({{"Host", "db.example"}}))) << bound;
  }
}

struct Page {
  const char* origin;  ///< Null: none.
  const char* site;    ///< Sec-Fetch-Site; null: none.
};

bool may_ask(const std::vector<std::string>& allowed, const Page& page) {
  net::HttpHeaders headers{{"Host", "127.0.0.1:8080"}};
  if (page.origin != nullptr) headers.add("Origin", page.origin);
  if (page.site != nullptr) headers.add("Sec-Fetch-Site", page.site);
  return !foreign_page({"127.0.0.1", allowed}, request(std::move(headers)));
}

TEST(Origin, IsTheListenersOwnWhereNoneIsAllowed) {
  for (const Page& page :
       {Page{nullptr, nullptr}, Page{nullptr, "none"}, Page{nullptr, "same-origin"},
        Page{"http://127.0.0.1:8080", nullptr}, Page{"http://127.0.0.1:8080", "same-origin"}}) {
    EXPECT_TRUE(may_ask({}, page)) << (page.origin ? page.origin : "");
  }
  for (const Page& page :
       {Page{"http://evil.example", nullptr}, Page{"http://evil.example", "none"},
        Page{"null", nullptr}, Page{"", nullptr}, Page{"*", nullptr}, Page{"file://", nullptr},
        Page{"http://127.0.0.1:1", "same-site"}, Page{"http://127.0.0.1", nullptr},
        Page{"http://localhost:8080", nullptr}, Page{"http://127.0.0.1:8080.evil.example", nullptr},
        Page{"http://evil.example/http://127.0.0.1:8080", nullptr},
        Page{"http://127.0.0.1:8080@evil.example", nullptr},
        Page{"x-app://127.0.0.1:8080", nullptr}, Page{nullptr, "cross-site"},
        Page{nullptr, "same-site"}}) {
    EXPECT_FALSE(may_ask({}, page)) << (page.origin ? page.origin : page.site);
  }
}

TEST(Origin, IsOneOfTheAllowed) {
  const std::vector<std::string> allowed{"http://LOCALHOST:5173", "https://app.example:443"};
  for (const char* origin :
       {"http://localhost:5173", "HTTP://localhost:5173", "https://app.example"}) {
    EXPECT_TRUE(may_ask(allowed, {origin, "cross-site"})) << origin;
  }
  for (const char* origin : {"http://localhost:5174", "https://localhost:5173", "null",
                             "http://app.example", "https://app.example.evil.example"}) {
    EXPECT_FALSE(may_ask(allowed, {origin, nullptr})) << origin;
  }
  EXPECT_FALSE(may_ask(allowed, {nullptr, "cross-site"}));
}

TEST(Origin, IsAnyWhereTheStarIsAllowed) {
  for (const Page& page : {Page{"http://evil.example", nullptr}, Page{"null", nullptr},
                           Page{nullptr, "cross-site"}, Page{nullptr, nullptr}}) {
    EXPECT_TRUE(may_ask({"*"}, page));
  }
}

TEST(Origin, OfASettingIsTakenOrNamed) {
  for (const char* text : {"", "localhost", "localhost:5173", "http://", "http://a/", "http://a/b",
                           "http://a?b", "http://u@a", "null", "http://a,http://b", "http://:80",
                           "http://*.example", "ht tp://a", "**"}) {
    const auto checked = check_origins("backend.allowed_origins", {"http://fine.example", text});
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(checked.error().code, ErrorCode::rejected);
    EXPECT_TRUE(checked.error().message.starts_with("backend.allowed_origins names \"")) << text;
  }
  EXPECT_TRUE(check_origins("x", {"*", "HTTP://A.example:80", "tauri://localhost"}));
}

std::string allowed_for(const std::vector<std::string>& allowed, const char* origin) {
  net::HttpHeaders sent;
  if (origin != nullptr) sent.add("Origin", origin);
  net::HttpHeaders headers;
  allow_page({"127.0.0.1", allowed}, request(std::move(sent)), headers);
  return std::string(headers.get("access-control-allow-origin")) + " " +
         std::string(headers.get("vary"));
}

TEST(Origin, IsToldOnlyToThoseAllowed) {
  EXPECT_EQ(allowed_for({}, "http://a.example"), " ");
  EXPECT_EQ(allowed_for({"http://a.example"}, "http://a.example"), "http://a.example Origin");
  EXPECT_EQ(allowed_for({"http://a.example"}, "http://b.example"), " Origin");
  EXPECT_EQ(allowed_for({"http://a.example"}, nullptr), " Origin");
  EXPECT_EQ(allowed_for({"*"}, "http://b.example"), "* ");
  EXPECT_EQ(allowed_for({"*"}, nullptr), "* ");
}

TEST(Body, IsJson) {
  for (const char* type :
       {"application/json", "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"", "application/ld+json", "application/json; a=b",
        "application/vnd.x+json ; profile=y; charset=utf-8", "application/json ; charset = utf-8",
        "application/json; charset\t=\t\"utf-8\"", "application/json; charsets=utf-7"}) {
    EXPECT_FALSE(foreign_body(request({{"Content-Type", type}}, "{}"))) << type;
  }
  for (const char* type :
       {"", "text/plain", "text/plain;application/json", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json", "text/json", "application/jsonp",
        "application/+json", "application/json, text/plain", "json", "application/json2",
        "application/json; charset=latin1", "application/json; charset=utf-16",
        "application/json; a=b; charset=utf8", "application/json ; charset = utf-7",
        "application/json;charset\t=latin1",
        "application/json; charset =", "application/json; charset"}) {
    EXPECT_TRUE(foreign_body(request({{"Content-Type", type}}, "{}"))) << type;
    EXPECT_FALSE(foreign_body(request({{"Content-Type", type}}))) << "there is no body";
  }
  EXPECT_TRUE(foreign_body(request({}, "{}")));
}

TEST(Secret, IsComparedWhole) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  for (const char* given : {"", "ab", "abd", "abcd", "xbc", "abcabc"}) {
    EXPECT_FALSE(equal_in_constant_time(given, "abc")) << given;
  }
}

TEST(Secret, IsWhatFollowsBearer) {
  const auto token = [](const char* header) {
    const auto asked = request({{"authorization", header}});
    return std::string(bearer_token(asked));
  };
  EXPECT_EQ(token("Bearer secret"), "secret");
  EXPECT_EQ(token("bearer secret"), "secret");
  for (const char* given : {"", "secret", "Bearer", "Bearer ", "Basic secret", "Bearersecret"}) {
    EXPECT_EQ(token(given), "") << given;
  }
}

}  // namespace
}  // namespace patchbay::access
