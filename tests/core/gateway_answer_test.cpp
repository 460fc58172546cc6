// Reading the backend's answers in the write gateway.
#include <gtest/gtest.h>

#include "core/gateway_texts.hpp"
#include "write/backend_answer.hpp"

namespace patchbay::test {
namespace {

BackendAnswer answer(int status, std::string body, net::HttpHeaders headers = {}) {
  return read_answer(net::HttpResponse{status, std::move(headers), std::move(body)});
}

TEST(AnswerBody, ReadsEachMemberOnlyInItsOwnType) {
  const AnswerBody body = read_answer_body(
      R"({"txid":7,"lsn":"9","write_id":5,"status":200,"recorded":"no","errors":{},"outcomes":1})");
  EXPECT_FALSE(body.text.acknowledgement);
  EXPECT_FALSE(body.text.lists_errors);
  EXPECT_EQ(body.write_id, "");
  EXPECT_EQ(body.status, "");
  EXPECT_FALSE(body.recorded);
  EXPECT_FALSE(body.outcomes);
}

TEST(AnswerBody, TakesNumbersWholeOrNotAtAll) {
  const auto acknowledged = [](const std::string& txid) {
    const auto body = read_answer_body(R"({"txid":")" + txid + R"(","lsn":"9"})");
    return body.text.acknowledgement.has_value();
  };
  EXPECT_TRUE(acknowledged("18446744073709551615"));
  for (const char* text : {"", "x", "7x", "-1", "18446744073709551616"}) {
    EXPECT_FALSE(acknowledged(text)) << text;
  }
}

TEST(AnswerBody, IsEmptyForAnythingButAnObject) {
  for (const char* json :
       {"", "[1", "null", "[]", "\"txid\"", "{\"txid\":\"1\",\"lsn\":\"2\"} x"}) {
    EXPECT_FALSE(read_answer_body(json).text.acknowledgement) << json;
  }
}

TEST(AnswerBody, TellsAnEmptyListOfErrorsFromNone) {
  EXPECT_TRUE(read_answer_body(R"({"errors":[]})").text.lists_errors);
  EXPECT_FALSE(read_answer_body(R"({"errors":[]})").text.fault);
  EXPECT_TRUE(read_answer_body(R"({"errors":["no"]})").text.fault);
}

TEST(BackendAnswer, IsNeverSentOnlyByTheClientsWord) {
  const auto none = [](ErrorCode code) {
    return read_answer(Result<net::HttpResponse>(failure(code, "Broken pipe.")));
  };
  EXPECT_EQ(print(no_verdict(none(ErrorCode::retry))), "? never_sent");
  EXPECT_EQ(print(no_verdict(none(ErrorCode::in_doubt))), "?");
  EXPECT_EQ(print(no_verdict(none(ErrorCode::cancelled))), "?");
  EXPECT_EQ(no_verdict(none(ErrorCode::in_doubt)).reason,
            "The backend gave no answer: Broken pipe. The write is kept and sent again.");
}

TEST(BackendAnswer, ReadsItsDateAndTheWaitItAsksFor) {
  const net::HttpHeaders headers{{"Date", "Sun, 22 Nov 2026 14:00:02 GMT"},
                                 {"Retry-After", "Sun, 22 Nov 2026 14:00:12 GMT"}};
  const BackendAnswer read = answer(503, "", headers);
  EXPECT_EQ(read.date_s, 1'795'356'002);
  EXPECT_EQ(print(no_verdict(read)), "? answered 10000ms");
  EXPECT_EQ(print(no_verdict(answer(503, "", {{"Retry-After", headers.fields()[1].second}}))),
            "? answered")
      << "a device's own clock says nothing of a date";
}

TEST(BackendAnswer, SaysInOneLineWhyThereIsNoVerdict) {
  EXPECT_EQ(no_verdict(answer(503, R"({"errors":[{"message":"Away.\nHINT: wait"}]})")).reason,
            "The backend's answer (HTTP 503) is not a verdict on the write: Away. It is kept and "
            "sent again.");
  EXPECT_EQ(no_verdict(answer(401, "")).reason,
            "The backend's answer (HTTP 401) is not a verdict on the write. Give it valid "
            "credentials.");
}

TEST(BackendAnswer, JudgesALoneWrite) {
  const auto judge = [](int status, const std::string& body) {
    return print(judge_lone(answer(status, body), id_of(1)));
  };
  const std::string ok = R"({"status":"OK","txid":"750","lsn":"9","system":"s/1"})";
  EXPECT_EQ(judge(200, ok), "ok 750 9 s/1");
  EXPECT_EQ(judge(500, ok), "? answered");
  for (const int status : {400, 403, 404, 409, 410, 413, 422}) {
    EXPECT_EQ(judge(status, refusal(1)), "no " + std::to_string(status) + " No.|23505|c|x");
  }
  for (const int status : {408, 418, 425, 429, 500}) {
    EXPECT_EQ(judge(status, refusal(1)), "? answered") << status;
  }
  EXPECT_EQ(judge(409, refusal(2)), "? answered") << "a refusal of another write";
  EXPECT_EQ(judge(404, "{" + kErrors + "}"), "? answered") << "of something before the backend";
}

TEST(BackendAnswer, JudgesAnElementByItsOwnStatusOrTheAnswers) {
  const BackendAnswer read =
      answer(409, outcomes({applied(1), element(2, "\"status\":422," + kErrors),
                            element(3, kErrors), element(4, "\"status\":503," + kErrors), "7"}));
  const auto judge = [&](int number) { return print(judge_element(read, id_of(number))); };
  EXPECT_EQ(judge(1), "ok 1 9 s");
  EXPECT_EQ(judge(2), "no 422 No.|23505|c|x");
  EXPECT_EQ(judge(3), "no 409 No.|23505|c|x");
  EXPECT_EQ(judge(4), "? answered by_backend");
  EXPECT_EQ(judge(5), "? answered") << "left out";
}

TEST(BackendAnswer, KnowsTheBackendsOwn503FromThatOfAProxy) {
  const net::HttpHeaders after{{"Retry-After", "1"}};
  const std::string own = "{" + kErrors + "}";
  const auto judge = [](const BackendAnswer& read) { return print(judge_lone(read, id_of(1))); };
  EXPECT_EQ(judge(answer(503, own, after)), "? answered by_backend 1000ms");
  EXPECT_EQ(judge(answer(503, refusal(1), after)), "? answered by_backend 1000ms");
  EXPECT_EQ(judge(answer(503, own)), "? answered") << "the backend always says when";
  for (const int status : {429, 500, 502, 504}) {
    EXPECT_EQ(judge(answer(status, own, after)), "? answered 1000ms") << status;
  }
  for (const char* body : {"", "<h1>503</h1>", R"({"message":"away"})", R"({"errors":[]})",
                           R"({"errors":["away"]})", R"({"errors":[{"title":"away"}]})",
                           R"({"errors":[{"message":""}]})", R"([{"message":"away"}])"}) {
    EXPECT_EQ(judge(answer(503, body, after)), "? answered 1000ms") << body;
  }
  const BackendAnswer whole = answer(503, outcomes({applied(1), element(2, R"("status":503)")}));
  EXPECT_EQ(print(judge_element(whole, id_of(2))), "? answered") << "it says nothing of why";
}

TEST(BackendAnswer, TakesAProvisionalRefusalOnlyForAWriteThatWasSentSo) {
  const std::string marked = R"("provisional":true,)" + kErrors;
  const BackendAnswer lone =
      answer(409, R"({"write_id":")" + id_of(1).text() + "\"," + marked + "}");
  EXPECT_EQ(print(judge_lone(lone, id_of(1), true)), "not now No.");
  EXPECT_EQ(print(judge_lone(lone, id_of(1))), "? answered");
  const BackendAnswer many =
      answer(409, outcomes({element(1, "\"status\":409," + marked), element(2, kErrors)}));
  EXPECT_EQ(print(judge_element(many, id_of(1), true)), "not now No.");
  EXPECT_EQ(print(judge_element(many, id_of(1))), "? answered");
  EXPECT_EQ(print(judge_element(many, id_of(2), true)), "no 409 No.|23505|c|x") << "a verdict";
}

TEST(BackendAnswer, KnowsTheBackendsWordThatNothingIsRecorded) {
  const auto unrecorded = [](const std::string& recorded, int number) {
    return R"({"write_id":")" + id_of(number).text() + R"(","recorded":)" + recorded + "}";
  };
  EXPECT_TRUE(says_unrecorded(answer(404, unrecorded("false", 1)), id_of(1)));
  EXPECT_FALSE(says_unrecorded(answer(404, unrecorded("true", 1)), id_of(1)));
  EXPECT_FALSE(says_unrecorded(answer(404, unrecorded("false", 2)), id_of(1)));
  EXPECT_FALSE(says_unrecorded(answer(503, unrecorded("false", 1)), id_of(1)));
  EXPECT_FALSE(says_unrecorded(answer(404, ""), id_of(1)));
}

TEST(BackendAnswer, TellsTheTimeOnlyWhereTheBackendIsReady) {
  const net::HttpHeaders date{{"Date", "Sun, 22 Nov 2026 14:00:02 GMT"}};
  EXPECT_TRUE(tells_time(answer(200, R"({"status":"active"})", date)));
  EXPECT_FALSE(tells_time(answer(200, R"({"status":"active"})")));
  EXPECT_FALSE(tells_time(answer(503, R"({"status":"active"})", date)));
  EXPECT_FALSE(tells_time(answer(200, R"({"portal":"Log in"})", date)));
}

}  // namespace
}  // namespace patchbay::test
