#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "integration/net/write_samples.hpp"
#include "net/http_server.hpp"
#include "support/eventually.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::test {
namespace {

using net::HttpResponse;

/// A backend that answers what the test tells it, in order, and remembers what it was asked.
class ScriptedBackend {
 public:
  explicit ScriptedBackend(std::vector<HttpResponse> answers) : answers_(std::move(answers)) {
    net::HttpServerOptions options;
    options.body_bytes_max = [](std::string_view, std::string_view) -> std::size_t {
      return 9U << 20U;
    };
    server_ = std::move(*net::start_http_server(
        options, [this](const auto& request, const auto& reply) { serve(*request, reply); }));
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  [[nodiscard]] std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  /// Answers the first request that was left without an answer.
  void answer_first(HttpResponse response) {
    const std::lock_guard lock(mutex_);
    parked_.at(0)->send(std::move(response));
  }

 private:
  void serve(const net::ServerRequest& request, const std::shared_ptr<net::ServerReply>& reply) {
    const std::lock_guard lock(mutex_);
    std::string line = request.method + " " + request.path;
    const auto token = request.headers.get("authorization");
    if (!token.empty()) line.append(" <").append(token).append(">");
    for (std::size_t at = request.body.find("\"id\":\"0000"); at != std::string::npos;
         at = request.body.find("\"id\":\"0000", at + 1)) {
      line.append(" ").append(request.body.substr(at + 41, 1));
    }
    asked_.push_back(line);
    if (asked_.size() > answers_.size()) {
      parked_.push_back(reply);
    } else {
      reply->send(answers_[asked_.size() - 1]);
    }
  }

  std::vector<HttpResponse> answers_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::shared_ptr<net::ServerReply>> parked_;
  std::unique_ptr<net::HttpServer> server_;
};

struct Printer {
  std::string operator()(const Acknowledgement& verdict) const {
    return "ok " + std::to_string(verdict.txid) + " " + std::to_string(verdict.lsn) + " " +
           verdict.system;
  }
  std::string operator()(const Rejection& verdict) const {
    return "no " + std::to_string(verdict.status) + " " + verdict.message + "|" + verdict.code +
           "|" + verdict.constraint + "|" + verdict.column;
  }
  std::string operator()(const Unknown& verdict) const {
    std::string text = "?";
    if (verdict.never_sent) text += " never_sent";
    if (verdict.unauthorized) text += " unauthorized";
    if (verdict.server_answered) text += " answered";
    if (verdict.retry_after) text += " " + std::to_string(verdict.retry_after->count()) + "ms";
    return text;
  }
  std::string operator()(const RefusedForNow& verdict) const { return "later " + verdict.reason; }
};

using Verdicts = std::vector<std::string>;

struct Asked {
  Verdicts verdicts;
  std::vector<Verdict> full;
  std::int64_t date_s = 0;
};

Asked wait_for(std::future<Asked> answer) {
  if (answer.wait_for(std::chrono::seconds(8)) != std::future_status::ready)
    return {{"none"}, {}, 0};
  return answer.get();
}

std::pair<WriteGateway::Callback, std::future<Asked>> callback() {
  auto promise = std::make_shared<std::promise<Asked>>();
  auto future = promise->get_future();
  return {[promise](std::vector<Verdict> verdicts, std::int64_t date_s) {
            Asked asked{{}, verdicts, date_s};
            for (const Verdict& verdict : verdicts) {
              asked.verdicts.push_back(std::visit(Printer{}, verdict));
            }
            promise->set_value(std::move(asked));
          },
          std::move(future)};
}

std::unique_ptr<RestGateway> gateway_to(const std::string& url, std::string token = "") {
  auto gateway = make_rest_gateway({url, std::move(token), std::chrono::milliseconds(5'000)});
  EXPECT_TRUE(gateway) << (gateway ? "" : gateway.error().message);
  return std::move(*gateway);
}

Asked send(RestGateway& gateway, std::vector<OutgoingWrite> writes) {
  auto [call, answer] = callback();
  gateway.send(std::move(writes), call);
  return wait_for(std::move(answer));
}

Verdicts verdicts_of(ScriptedBackend& backend, std::vector<OutgoingWrite> writes) {
  return send(*gateway_to(backend.url()), std::move(writes)).verdicts;
}

std::vector<OutgoingWrite> inserts(int count) {
  std::vector<OutgoingWrite> writes;
  for (int number = 1; number <= count; ++number) {
    writes.push_back(outgoing(number, {insert_of(std::to_string(number))}));
  }
  return writes;
}

HttpResponse json(int status, std::string body) {
  return {status, {{"content-type", "application/json"}}, std::move(body)};
}

const std::string kOk = R"({"status":"OK","txid":"750","lsn":"26657232","system":"s/1"})";
const std::string kErrors =
    R"("errors":[{"message":"no","code":"23505","constraint":"c","column":"x"}])";

std::string refusal(int number) {
  return "{\"write_id\":\"" + id_of(number).text() + "\"," + kErrors + "}";
}
std::string element(int number, const std::string& members) {
  return "{\"id\":\"" + id_of(number).text() + "\"," + members + "}";
}
std::string applied(int number) {
  return element(
      number, R"("status":"OK","txid":")" + std::to_string(number) + R"(","lsn":"9","system":"s")");
}
std::string outcomes(std::initializer_list<std::string> elements) {
  std::string body = R"({"status":"OK","outcomes":[)";
  for (const std::string& part : elements) body.append(part).append(",");
  body.back() = ']';
  return body.append("}");
}

TEST(RestGateway, SendsALoneOperationByItsRoute) {
  ScriptedBackend backend({json(200, kOk), json(201, kOk), json(200, kOk)});
  const auto gateway = gateway_to(backend.url());
  EXPECT_EQ(send(*gateway, inserts(1)).verdicts, Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(send(*gateway, {outgoing(2, {update_of("a/b", {{"title", "x"}})})}).verdicts,
            Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(send(*gateway, {outgoing(3, {remove_of("ä ?")})}).verdicts,
            Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(backend.asked(), (std::vector<std::string>{"POST /items", "PUT /items/a%2Fb",
                                                       "DELETE /items/%C3%A4%20%3F"}));
}

TEST(RestGateway, SendsEverythingElseAsElementsInOrder) {
  ScriptedBackend backend(
      {json(200, outcomes({applied(1), applied(2)})), json(200, outcomes({applied(3)}))});
  const auto gateway = gateway_to(backend.url());
  EXPECT_EQ(send(*gateway, inserts(2)).verdicts, (Verdicts{"ok 1 9 s", "ok 2 9 s"}));
  EXPECT_EQ(send(*gateway, {outgoing(3, {insert_of("a"), insert_of("b")})}).verdicts,
            Verdicts{"ok 3 9 s"});
  EXPECT_EQ(backend.asked(), (std::vector<std::string>{"POST /changes 1 2", "POST /changes 3"}));
}

TEST(RestGateway, TellsOutcomesApartByElement) {
  ScriptedBackend backend({json(409, outcomes({applied(1), element(2, "\"status\":422," + kErrors),
                                               element(3, kErrors), applied(4)}))});
  EXPECT_EQ(verdicts_of(backend, inserts(4)),
            (Verdicts{"ok 1 9 s", "no 422 no|23505|c|x", "no 409 no|23505|c|x", "ok 4 9 s"}));
}

TEST(RestGateway, HasNoVerdictForElementsNotTried) {
  ScriptedBackend backend({json(503, outcomes({applied(1), element(2, "\"status\":503," + kErrors),
                                               element(3, "\"status\":503," + kErrors)}))});
  EXPECT_EQ(verdicts_of(backend, inserts(3)), (Verdicts{"ok 1 9 s", "? answered", "? answered"}));
  EXPECT_EQ(backend.asked().size(), 1U);
}

TEST(RestGateway, TakesOnlyTheBackendsOwnAnswersForVerdicts) {
  const std::string other = "{\"write_id\":\"" + id_of(9).text() + "\"," + kErrors + "}";
  const std::vector<HttpResponse> strange{
      json(200, R"({"status":"OK","txid":"1"})"),
      json(200, R"({"txid":"x","lsn":"2"})"),
      {200, {{"content-type", "text/html"}}, "<html>sign in</html>"},
      {302, {{"location", "http://127.0.0.1:1/"}}, ""},
      json(404, "{" + kErrors + "}"),
      json(409, other),
      {404, {}, "not found"},
      json(408, refusal(1)),
      json(425, refusal(1)),
      json(429, refusal(1)),
      json(500, refusal(1)),
      json(502, ""),
      json(418, refusal(1)),
      json(409, R"({"write_id":")" + id_of(1).text() + R"(","errors":"no"})"),
      json(200, "[1"),
      json(409, "null")};
  ScriptedBackend backend(strange);
  const auto gateway = gateway_to(backend.url());
  for (const HttpResponse& answer : strange) {
    EXPECT_EQ(send(*gateway, inserts(1)).verdicts, Verdicts{"? answered"})
        << answer.status << " " << answer.body;
  }
}

TEST(RestGateway, TakesEveryRefusalOfTheBackend) {
  std::vector<HttpResponse> answers;
  for (const int status : {400, 403, 404, 409, 410, 413, 422}) {
    answers.push_back(json(status, refusal(1)));
  }
  ScriptedBackend backend(answers);
  const auto gateway = gateway_to(backend.url());
  for (const HttpResponse& answer : answers) {
    EXPECT_EQ(send(*gateway, inserts(1)).verdicts,
              Verdicts{"no " + std::to_string(answer.status) + " no|23505|c|x"});
  }
}

TEST(RestGateway, HalvesABatchRefusedWhole) {
  ScriptedBackend backend({json(413, "{" + kErrors + "}"),
                           json(200, outcomes({applied(1), applied(2)})),
                           json(413, "{" + kErrors + "}"), json(200, outcomes({applied(3)})),
                           json(422, refusal(4)), json(200, outcomes({applied(5)}))});
  EXPECT_EQ(verdicts_of(backend, inserts(5)),
            (Verdicts{"ok 1 9 s", "ok 2 9 s", "ok 3 9 s", "no 422 no|23505|c|x", "ok 5 9 s"}));
  EXPECT_EQ(
      backend.asked(),
      (std::vector<std::string>{"POST /changes 1 2 3 4 5", "POST /changes 1 2", "POST /changes 3 4",
                                "POST /changes 3", "POST /changes 4", "POST /changes 5"}));
}

TEST(RestGateway, SendsNothingBehindAHalfWithoutOutcome) {
  ScriptedBackend backend({json(400, "{" + kErrors + "}"), {503, {{"retry-after", "2"}}, ""}});
  EXPECT_EQ(verdicts_of(backend, inserts(4)),
            (Verdicts{"? answered 2000ms", "? answered 2000ms", "? never_sent answered 2000ms",
                      "? never_sent answered 2000ms"}));
  EXPECT_EQ(backend.asked().size(), 2U);
}

TEST(RestGateway, EndsHalvingAtOneElementWithoutItsName) {
  ScriptedBackend backend({json(400, "{" + kErrors + "}"), json(400, "{" + kErrors + "}")});
  EXPECT_EQ(verdicts_of(backend, inserts(2)), (Verdicts{"? answered", "? never_sent answered"}));
}

TEST(RestGateway, HoldsAfter401AndSendsItsToken) {
  ScriptedBackend backend({json(401, refusal(1)), json(200, kOk)});
  const auto gateway = gateway_to(backend.url(), "old");
  EXPECT_EQ(send(*gateway, inserts(1)).verdicts, Verdicts{"? unauthorized answered"});
  gateway->set_token("new");
  EXPECT_EQ(send(*gateway, inserts(1)).verdicts, Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(backend.asked(),
            (std::vector<std::string>{"POST /items <Bearer old>", "POST /items <Bearer new>"}));
}

TEST(RestGateway, ReadsRetryAfterAsSecondsOrAsADateAgainstTheAnswersDate) {
  const auto ask = [](std::string retry_after) {
    ScriptedBackend backend({{503, {{"retry-after", std::move(retry_after)}}, ""}});
    const Asked asked = send(*gateway_to(backend.url()), inserts(1));
    EXPECT_GT(asked.date_s, 1'500'000'000);
    return std::get<Unknown>(asked.full.at(0)).retry_after;
  };
  using std::chrono::milliseconds;
  EXPECT_EQ(ask("7"), milliseconds(7'000));
  EXPECT_EQ(ask("86400"), milliseconds(300'000));
  EXPECT_EQ(ask("Sun, 06 Nov 1994 08:49:37 GMT"), milliseconds(0));
  EXPECT_EQ(ask("Sun, 06 Nov 2099 08:49:37 GMT"), milliseconds(300'000));
  EXPECT_EQ(ask("soon"), std::nullopt);
}

TEST(RestGateway, KnowsWhenNothingWasSent) {
  std::string url;
  { url = ScriptedBackend({}).url(); }
  EXPECT_EQ(send(*gateway_to(url), inserts(1)).verdicts, Verdicts{"? never_sent"});
  EXPECT_EQ(send(*gateway_to("http://no-such-host.invalid"), inserts(1)).verdicts,
            Verdicts{"? never_sent"});
}

TEST(RestGateway, GivesUpWaitingWithoutAVerdict) {
  ScriptedBackend backend({});
  auto gateway = make_rest_gateway({backend.url(), "", std::chrono::milliseconds(100)});
  ASSERT_TRUE(gateway);
  EXPECT_EQ(send(**gateway, inserts(2)).verdicts, (Verdicts{"?", "?"}));
}

TEST(RestGateway, WaitsLongerForALargerBody) {
  ScriptedBackend backend({});
  const RestGatewayOptions options{backend.url(), "", std::chrono::milliseconds(100)};
  auto gateway = make_rest_gateway(options);
  ASSERT_TRUE(gateway);
  constexpr std::size_t kBytes = 256U << 10U;
  auto [call, large] = callback();
  (*gateway)->send({outgoing(1, {insert_of("a", {{"title", std::string(kBytes, 'x')}})})}, call);
  ASSERT_TRUE(eventually([&] { return backend.asked().size() == 1; }));
  EXPECT_EQ(send(**gateway, inserts(2)).verdicts, (Verdicts{"?", "?"}));
  // The small one came later and was given up; the large one is still waited for.
  ASSERT_EQ(large.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  backend.answer_first(json(200, kOk));
  EXPECT_EQ(wait_for(std::move(large)).verdicts, Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(options.timeout_of(0), options.timeout);
  EXPECT_EQ(options.timeout_of(kBytes), options.timeout + std::chrono::seconds(8));
}

TEST(RestGateway, VoidsAWrite) {
  ScriptedBackend backend({json(200, kOk), json(409, refusal(1)), json(503, refusal(1))});
  const auto gateway = gateway_to(backend.url());
  const auto void_one = [&] {
    auto [call, answer] = callback();
    gateway->void_write(id_of(1), call);
    return wait_for(std::move(answer)).verdicts;
  };
  EXPECT_EQ(void_one(), Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(void_one(), Verdicts{"no 409 no|23505|c|x"});
  EXPECT_EQ(void_one(), Verdicts{"? answered"});
  EXPECT_EQ(backend.asked().front(), "DELETE /writes/" + id_of(1).text());
}

TEST(RestGateway, AsksForAnOutcomeAndHasOperationsComparedWhereOneIsRecorded) {
  const std::string unrecorded =
      R"({"write_id":")" + id_of(1).text() + R"(","recorded":false,"errors":[{"message":"no"}]})";
  ScriptedBackend backend({json(404, unrecorded), json(404, refusal(1)),
                           json(404, R"({"errors":[{"message":"a proxy's"}]})"), json(200, kOk),
                           json(200, kOk), json(422, refusal(1)), json(503, refusal(1))});
  const auto gateway = gateway_to(backend.url());
  const auto ask = [&](std::vector<Operation> operations) {
    auto [call, answer] = callback();
    gateway->ask_outcome({id_of(1), 0, std::move(operations)}, call);
    return wait_for(std::move(answer)).verdicts;
  };
  EXPECT_EQ(ask({insert_of("a")}), Verdicts{}) << "nothing is sent that is not known there";
  EXPECT_EQ(ask({}), Verdicts{"no 404 no|23505|c|x"}) << "a refusal that is recorded";
  EXPECT_EQ(ask({}), Verdicts{"? answered"});
  EXPECT_EQ(ask({}), Verdicts{"ok 750 26657232 s/1"});
  EXPECT_EQ(ask({insert_of("b")}), Verdicts{"no 422 no|23505|c|x"}) << "other operations";
  EXPECT_EQ(ask({insert_of("a")}), Verdicts{"? answered"});
  const std::vector<std::string> asked = backend.asked();
  ASSERT_EQ(asked.size(), 7U);
  EXPECT_EQ(asked[0], "GET /writes/" + id_of(1).text());
  EXPECT_TRUE(asked[5].starts_with("POST /")) << asked[5];
}

TEST(RestGateway, RefusesATextThatIsNotUtf8AndSendsTheRest) {
  ScriptedBackend backend({json(200, outcomes({applied(1)})), json(200, outcomes({applied(3)}))});
  const std::vector<OutgoingWrite> writes{outgoing(1, {insert_of("a")}),
                                          outgoing(2, {insert_of("b", {{"title", "caf\xE9"}})}),
                                          outgoing(3, {insert_of("c")})};
  const Asked asked = send(*gateway_to(backend.url()), writes);
  EXPECT_EQ(asked.verdicts.at(0), "ok 1 9 s");
  EXPECT_TRUE(asked.verdicts.at(1).starts_with("no 400 A text of the write is not UTF-8"));
  EXPECT_EQ(asked.verdicts.at(2), "ok 3 9 s");
}

TEST(RestGateway, AsksABackendThatIsReadyForItsTime) {
  ScriptedBackend backend({json(200, R"({"status":"active"})"), json(503, R"({"status":"no"})"),
                           json(200, R"({"portal":"Log in"})")});
  const auto gateway = gateway_to(backend.url());
  const auto ask = [&] {
    auto [call, answer] = callback();
    gateway->ask_time(call);
    return wait_for(std::move(answer));
  };
  const Asked told = ask();
  EXPECT_EQ(told.verdicts, Verdicts{});
  EXPECT_NE(told.date_s, 0);
  for (int other = 0; other < 2; ++other) {
    const Asked not_told = ask();
    EXPECT_EQ(not_told.verdicts, Verdicts{"? answered"});
    EXPECT_EQ(not_told.date_s, 0);
  }
  EXPECT_EQ(backend.asked().front(), "GET /health");
}

TEST(RestGateway, RefusesAWriteThatNoRequestCanCarry) {
  ScriptedBackend backend({json(200, outcomes({applied(2)}))});
  std::vector<OutgoingWrite> writes{
      outgoing(1, {insert_of("a", {{"title", std::string(9U << 20U, 'x')}})}),
      outgoing(2, {insert_of("b")})};
  const Asked asked = send(*gateway_to(backend.url()), writes);
  EXPECT_TRUE(asked.verdicts.at(0).starts_with("no 413 The write is 9")) << asked.verdicts.at(0);
  EXPECT_EQ(asked.verdicts.at(1), "ok 2 9 s");
  EXPECT_EQ(send(*gateway_to("http://127.0.0.1:1"), {writes.front()}).verdicts.size(), 1U);
}

TEST(RestGateway, SendsALargeLoneWriteByChangesAndSplitsLargeBatches) {
  ScriptedBackend backend({json(200, outcomes({applied(1)})), json(200, outcomes({applied(1)})),
                           json(200, outcomes({applied(2)}))});
  const Cells large{{"title", std::string(5U << 20U, 'x')}};
  const auto gateway = gateway_to(backend.url());
  EXPECT_EQ(send(*gateway, {outgoing(1, {insert_of("a", large)})}).verdicts, Verdicts{"ok 1 9 s"});
  EXPECT_EQ(
      send(*gateway, {outgoing(1, {insert_of("a", large)}), outgoing(2, {insert_of("b", large)})})
          .verdicts,
      (Verdicts{"ok 1 9 s", "ok 2 9 s"}));
  EXPECT_EQ(backend.asked(),
            (std::vector<std::string>{"POST /changes 1", "POST /changes 1", "POST /changes 2"}));
}

TEST(RestGateway, CallsBackWhatIsUnderWayBeforeItIsGone) {
  ScriptedBackend backend({});
  auto gateway = gateway_to(backend.url());
  auto [call, answer] = callback();
  gateway->send(inserts(2), call);
  gateway.reset();
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(answer.get().verdicts.size(), 2U);
}

TEST(RestGateway, RefusesWhatIsNotAUrl) {
  for (const char* url :
       {"", "localhost:80", "ftp://h", "http://", "http://h/?a=b", "http://h:x"}) {
    const auto gateway = make_rest_gateway({url, "", std::chrono::milliseconds(100)});
    ASSERT_FALSE(gateway) << url;
    EXPECT_EQ(gateway.error().code, ErrorCode::rejected);
  }
}

}  // namespace
}  // namespace patchbay::test
