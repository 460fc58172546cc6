// The write gateway over a scripted HttpClient.
#include <gtest/gtest.h>

#include "core/gateway_texts.hpp"
#include "support/scripted_http.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::test {
namespace {

using Verdicts = std::vector<std::string>;

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() {
    auto http = std::make_unique<ScriptedHttp>();
    http_ = http.get();
    gateway_ = std::make_unique<RestGateway>(
        RestGatewayOptions{"http://backend:80/api/", "old", std::chrono::milliseconds(5'000)},
        std::move(http));
  }
  WriteGateway::Callback called() {
    return [this](const std::vector<Verdict>& verdicts, std::int64_t date_s) {
      verdicts_ = print(verdicts);
      date_s_ = date_s;
    };
  }
  [[nodiscard]] const net::HttpRequest& last() const { return http_->exchanges().back().request; }
  void answer(int status, std::string body) {
    http_->answer({status, {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}, std::move(body)});
  }

  ScriptedHttp* http_ = nullptr;
  std::unique_ptr<RestGateway> gateway_;
  Verdicts verdicts_;
  std::int64_t date_s_ = 0;
};

TEST_F(GatewayTest, SendsBelowItsBaseWithItsTokenAndJson) {
  gateway_->send(inserts(1), called());
  EXPECT_EQ(last().method, "POST");
  EXPECT_EQ(last().url, "http://backend:80/api/items");
  EXPECT_EQ(last().headers.get("authorization"), "Bearer old");
  EXPECT_EQ(last().headers.get("content-type"), "application/json");
  EXPECT_TRUE(last().body.starts_with("{\"id\":\"1\",")) << last().body;
  answer(200, R"({"txid":"7","lsn":"9","system":"s"})");
  EXPECT_EQ(verdicts_, Verdicts{"ok 7 9 s"});
  EXPECT_EQ(date_s_, 784'111'777);
  gateway_->set_token("");
  gateway_->send(inserts(1), called());
  EXPECT_EQ(last().headers.find("authorization"), nullptr);
}

TEST_F(GatewayTest, SendsHalfAfterHalf) {
  gateway_->send(inserts(2), called());
  answer(413, "{" + kErrors + "}");
  answer(200, outcomes({applied(1)}));
  EXPECT_EQ(http_->sent(), 3U);
  EXPECT_EQ(verdicts_, Verdicts{});
  answer(200, outcomes({applied(2)}));
  EXPECT_EQ(verdicts_, (Verdicts{"ok 1 9 s", "ok 2 9 s"}));
}

TEST_F(GatewayTest, TakesOnlyRetryForNeverSent) {
  gateway_->send(inserts(1), called());
  http_->fail(ErrorCode::retry, "Refused.");
  EXPECT_EQ(verdicts_, Verdicts{"? never_sent"});
  gateway_->send(inserts(1), called());
  http_->fail(ErrorCode::in_doubt, "Failed to connect to any resolved endpoint");
  EXPECT_EQ(verdicts_, Verdicts{"?"}) << "whatever the text says";
}

TEST_F(GatewayTest, CallsBackFromInsideWhenNoRequestIsNeeded) {
  gateway_->send({outgoing(1, {insert_of("caf\xE9")})}, called());
  EXPECT_EQ(http_->sent(), 0U);
  EXPECT_EQ(verdicts_.size(), 1U);
}

TEST_F(GatewayTest, VoidsAWrite) {
  gateway_->void_write(id_of(1), called());
  EXPECT_EQ(last().method, "DELETE");
  EXPECT_EQ(last().url, "http://backend:80/api/writes/" + id_of(1).text());
  EXPECT_EQ(last().headers.find("content-type"), nullptr);
  answer(409, refusal(1));
  EXPECT_EQ(verdicts_, Verdicts{"no 409 No.|23505|c|x"});
}

TEST_F(GatewayTest, HasARecordedOutcomeComparedWithTheOperations) {
  gateway_->ask_outcome({id_of(1), 0, {insert_of("a")}}, called());
  EXPECT_EQ(last().url, "http://backend:80/api/writes/" + id_of(1).text());
  answer(200, R"({"txid":"7","lsn":"9","system":"s"})");
  EXPECT_EQ(last().url, "http://backend:80/api/items");
  answer(422, refusal(1));
  EXPECT_EQ(verdicts_, Verdicts{"no 422 No.|23505|c|x"});
}

TEST_F(GatewayTest, SendsNothingWhereNoOutcomeIsRecorded) {
  verdicts_ = {"none yet"};
  gateway_->ask_outcome({id_of(1), 0, {insert_of("a")}}, called());
  answer(404, R"({"write_id":")" + id_of(1).text() + R"(","recorded":false})");
  EXPECT_EQ(verdicts_, Verdicts{});
  EXPECT_EQ(http_->sent(), 1U);
}

TEST_F(GatewayTest, AsksForTheTime) {
  verdicts_ = {"none yet"};
  gateway_->ask_time(called());
  EXPECT_EQ(last().url, "http://backend:80/api/health");
  answer(200, R"({"status":"active"})");
  EXPECT_EQ(verdicts_, Verdicts{});
  EXPECT_EQ(date_s_, 784'111'777);
  gateway_->ask_time(called());
  answer(503, R"({"status":"starting"})");
  EXPECT_EQ(verdicts_, Verdicts{"? answered"});
  EXPECT_EQ(date_s_, 0);
}

TEST_F(GatewayTest, WaitsLongerForALargerBody) {
  gateway_->send(inserts(1), called());
  EXPECT_EQ(last().idle_timeout, std::chrono::milliseconds(5'000));
  EXPECT_EQ(last().connect_timeout, std::chrono::milliseconds(5'000));
  const Cells large{{"title", std::string(256U << 10U, 'x')}};
  gateway_->send({outgoing(1, {insert_of("a", large)})}, called());
  EXPECT_EQ(last().idle_timeout, std::chrono::milliseconds(13'000));
}

}  // namespace
}  // namespace patchbay::test
