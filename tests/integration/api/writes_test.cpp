#include "integration/api/api_fixture.hpp"

namespace patchbay::test {
namespace {

const std::string kWrites = "/api/patterns/fast/writes";
const std::string kRejected = "/api/patterns/fast/rejected";

TEST_F(ApiTest, AcceptsAWriteAndTellsItsState) {
  fast_.hold(true);
  const RawResponse response = write("fast", insert(kMilk, "milk"));
  EXPECT_EQ(response.status, 200);
  const Json json = response.json();
  EXPECT_EQ(json["write_id"], kWrite);
  EXPECT_EQ(json["state"], "accepted");
  EXPECT_EQ(json["operations"].dump(),
            R"([{"operation":"insert","table":"todos",)"
            R"("key":{"id":"00000000-0000-4000-8000-000000000001"},"value":{"completed":false,)"
            R"("id":"00000000-0000-4000-8000-000000000001","title":"milk"}}])");
  fast_.hold(false);
  fast_.settle();
  const Json later = get(kWrites + "/" + kWrite).json();
  EXPECT_EQ(later["state"], "confirmed");
  EXPECT_EQ(later["rule"], "txid");
}

TEST_F(ApiTest, NamesAWriteThatCameWithoutId) {
  const Json json = post(kWrites, "{\"operations\":[" + insert(kMilk, "milk") + "]}").json();
  const auto id = WriteId::parse(json["write_id"].get<std::string>());
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes[6] >> 4U, 7);
  EXPECT_EQ(get(kWrites + "/" + id->text()).status, 200);
}

TEST_F(ApiTest, AnswersAKnownWriteWithItsState) {
  ASSERT_EQ(write("fast", insert(kMilk, "milk")).status, 200);
  fast_.settle();
  EXPECT_EQ(write("fast", insert(kMilk, "milk")).json()["state"], "confirmed");
}

TEST_F(ApiTest, AWaitingPatternAnswersWhenTheServerHas) {
  slow_.hold(true);
  RawConnection waiting(api_->port());
  const std::string body = "{\"operations\":[" + insert(kMilk, "milk") + "]}";
  waiting.send(
      "POST /api/patterns/slow/writes HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(get("/api/patterns/slow/rows/todos").json()["rows"].size(), 0U);
  slow_.hold(false);
  EXPECT_NE(waiting.read_until("\"state\":\"confirmed\"").find("200 OK"), std::string::npos);
  EXPECT_EQ(get("/api/patterns/slow/rows/todos").json()["rows"].size(), 1U);
}

TEST_F(ApiTest, TellsARefusalWithItsReason) {
  slow_.refuse_next({409, "duplicate key", "23505", "todos_pkey", "id", {}});
  const RawResponse response = write("slow", insert(kMilk, "milk"));
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.json()["write_id"], kWrite);
  EXPECT_EQ(response.json()["state"], "rejected");
  EXPECT_EQ(response.json()["error"].dump(),
            R"({"code":"rejected","message":"duplicate key","rejection":{"status":409,)"
            R"("message":"duplicate key","code":"23505","constraint":"todos_pkey",)"
            R"("column":"id"}})");
  EXPECT_EQ(write("slow", insert(kMilk, "milk")).status, 409);
}

TEST_F(ApiTest, AWriteGivenUpBeforeItWasSentIsWorthAnotherTry) {
  slow_.refuse_next({0, "The server could not be reached.", "", "", "", {}});
  const RawResponse response = write("slow", insert(kMilk, "milk"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.json()["state"], "rejected");
  const Json error = response.json()["error"];
  EXPECT_EQ(error["code"], "retry");
  EXPECT_EQ(error["message"], "The server could not be reached.");
  EXPECT_EQ(error["rejection"]["status"], 0);
  const std::string retry = "/api/patterns/slow/rejected/" + std::string(kWrite) + "/retry";
  EXPECT_EQ(post(retry, "").status, 200);
}

TEST_F(ApiTest, AWriteWithdrawnWithAnotherIsRefused) {
  slow_.refuse_next({0, "It depends on another.", "", "", "", *WriteId::parse(kMilk)});
  const RawResponse response = write("slow", insert(kMilk, "milk"));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.json()["error"]["code"], "rejected");
}

TEST_F(ApiTest, TellsDoubtAndBusyApart) {
  fast_.fail_next_write({ErrorCode::in_doubt, "The server may have it."});
  const RawResponse doubt = write("fast", insert(kMilk, "milk"));
  EXPECT_EQ(doubt.status, 202);
  EXPECT_EQ(doubt.json()["state"], "in_doubt");
  EXPECT_EQ(doubt.json()["write_id"], kWrite);
  for (const ErrorCode code : {ErrorCode::retry, ErrorCode::cancelled}) {
    fast_.fail_next_write({code, "Not now; send it again."});
    const RawResponse busy = write("fast", insert(kMilk, "milk"));
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(message_of(busy), "Not now; send it again.");
  }
}

TEST_F(ApiTest, RefusesMalformedWrites) {
  EXPECT_EQ(post(kWrites, "").status, 400);
  EXPECT_EQ(post(kWrites, "{").status, 400);
  EXPECT_EQ(post(kWrites, std::string(200'000, '[')).status, 400);
  EXPECT_EQ(post(kWrites, R"({"operations":[]})").status, 400);
  const RawResponse column = post(
      kWrites, R"({"operations":[{"operation":"insert","table":"todos","value":{"nope":1}}]})");
  EXPECT_EQ(column.status, 400);
  EXPECT_EQ(message_of(column), "The table todos has no column \"nope\"; check its spelling.");
  const RawResponse large = post(kWrites, std::string((1U << 20U) + 1, ' '));
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.json()["error"]["code"], "rejected");
  EXPECT_EQ(get(kWrites).status, 405);
  EXPECT_NE(get(kWrites).head.find("Allow: POST"), std::string::npos);
}

TEST_F(ApiTest, KeepsNumbersExactToTheRow) {
  ASSERT_EQ(write("fast", R"({"operation":"insert","table":"todos","value":{"id":")" +
                              std::string(kMilk) +
                              R"(","title":"x","amount":1.10,"size":9223372036854775807,)"
                              R"("extra":{"n":1.10}}})")
                .status,
            200);
  const Json values = get("/api/patterns/fast/rows/todos").json()["rows"][0]["values"];
  EXPECT_EQ(values["amount"], "1.10");
  EXPECT_EQ(values["size"], "9223372036854775807");
  EXPECT_EQ(values["extra"], R"({"n":1.10})");
}

TEST_F(ApiTest, SaysThatAWriteIsUnknown) {
  EXPECT_EQ(get(kWrites + "/" + kWrite).status, 404);
  EXPECT_EQ(get(kWrites + "/nonsense").status, 400);
  EXPECT_EQ(ask(api_->port(), "DELETE", kRejected + "/" + kWrite).status, 404);
  EXPECT_EQ(post(kRejected + "/" + kWrite + "/retry", "").status, 404);
  EXPECT_EQ(post(kRejected + "/nonsense/retry", "").status, 400);
  EXPECT_EQ(get("/api/patterns/fast/nothing").status, 404);
  EXPECT_EQ(get("/api/patterns/fast").status, 404);
}

TEST_F(ApiTest, RetriesARejectedWriteAsANewOne) {
  fast_.refuse_next({422, "no", "", "", "", {}});
  ASSERT_EQ(write("fast", insert(kMilk, "milk")).status, 200);
  const Json kept = get(kRejected).json()["rejected"];
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0]["rejection"]["message"], "no");
  const RawResponse retried = post(kRejected + "/" + kWrite + "/retry", "");
  EXPECT_EQ(retried.status, 200);
  EXPECT_NE(retried.json()["write_id"], kWrite);
  EXPECT_EQ(get(kRejected).json()["rejected"].size(), 0U);
  EXPECT_EQ(titles(get("/api/patterns/fast/rows/todos").json()), "milk");
  EXPECT_EQ(post(kRejected + "/" + kWrite + "/retry", "").status, 409);
}

TEST_F(ApiTest, DiscardsARejectedWrite) {
  fast_.refuse_next({422, "no", "", "", "", {}});
  ASSERT_EQ(write("fast", insert(kMilk, "milk")).status, 200);
  const RawResponse discarded = ask(api_->port(), "DELETE", kRejected + "/" + kWrite);
  EXPECT_EQ(discarded.status, 200);
  EXPECT_EQ(discarded.json()["state"], "discarded");
  EXPECT_EQ(get(kRejected).json()["rejected"].size(), 0U);
}

}  // namespace
}  // namespace patchbay::test
