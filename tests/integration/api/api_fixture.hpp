// A server of the API with two fake patterns, and short ways to ask it, for the API's tests.
#pragma once

#include <gtest/gtest.h>

#include "api/api_server.hpp"
#include "integration/api/fake_port.hpp"
#include "integration/api/raw_http.hpp"

namespace patchbay::test {

constexpr const char* kMilk = "00000000-0000-4000-8000-000000000001";
constexpr const char* kEggs = "00000000-0000-4000-8000-000000000002";
constexpr const char* kTea = "00000000-0000-4000-8000-000000000003";
constexpr const char* kWrite = "01890000-0000-7000-8000-00000000000a";

class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(api::ApiOptions options) {
    if (options.version.empty()) options.version = "1.2.3";
    auto started = api::start_api_server(std::move(options), {&slow_, &fast_});
    ASSERT_TRUE(started) << started.error().message;
    api_ = std::move(*started);
    fast_.report_to(*api_);
    slow_.report_to(*api_);
  }

  void put(const char* id, const char* title, const char* created_at) {
    fast_.put({{"id", id}, {"title", title}, {"completed", "false"}, {"created_at", created_at}});
  }

  RawResponse get(const std::string& target, const RawHeaders& headers = {}) {
    return ask(api_->port(), "GET", target, "", headers);
  }
  RawResponse post(const std::string& target, const std::string& body) {
    return ask(api_->port(), "POST", target, body);
  }
  RawResponse write(const std::string& pattern, const std::string& operations) {
    return post(
        "/api/patterns/" + pattern + "/writes",
        "{\"write_id\":\"" + std::string(kWrite) + "\",\"operations\":[" + operations + "]}");
  }
  static std::string insert(const char* id, const char* title) {
    return std::string(R"({"operation":"insert","table":"todos","value":{"id":")") + id +
           R"(","title":")" + title + R"(","completed":false}})";
  }
  static std::string message_of(const RawResponse& response) {
    return response.json()["error"]["message"].get<std::string>();
  }
  /// Titles of the fast pattern's rows: "milk* eggs", `*` = pending.
  static std::string titles(const Json& answer) {
    std::string text;
    for (const Json& row : answer["rows"]) {
      if (!text.empty()) text += ' ';
      text += row["values"]["title"].get<std::string>();
      if (row["pending"].get<bool>()) text += '*';
    }
    return text;
  }

  FakePort fast_{"fast", {"optimistic", false, 6}};
  FakePort slow_{"slow", {"online", true, 0}};
  std::unique_ptr<api::ApiServer> api_;  // goes first: it uses the ports

  void TearDown() override {
    if (api_) api_->stop();
  }
};

}  // namespace patchbay::test
