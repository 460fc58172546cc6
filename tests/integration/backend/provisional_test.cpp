// Provisional writes: sent past an earlier write without an outcome, so that a refusal of one,
// which the earlier write may explain, decides nothing.
#include "integration/backend/backend_fixture.hpp"

namespace patchbay::test {
namespace {

class BackendProvisional : public BackendTest {
 protected:
  BackendProvisional() {
    sql_.run("CREATE TABLE parts (id int PRIMARY KEY, item uuid REFERENCES items)");
  }
  void start_with_parts() { start_with({"items", "parts"}); }
  /// The answers' verdicts, "409 23503 parts_item_fkey provisional" where they say so.
  std::string asked(const std::string& method, const std::string& target,
                    const std::string& body = "") {
    const RawResponse response = send(method, target, body);
    return verdict_of(response.status, response.json()) + mark_of(response.json());
  }
  static std::string mark_of(const Json& body) {
    return body.value("provisional", false) ? " provisional" : "";
  }
  std::string recorded() { return sql_.value("SELECT count(*) FROM patchbay.outcomes"); }
};

std::string part(int key, int of_item, int write) {
  return R"({"id":)" + std::to_string(key) + R"(,"item":")" + uuid(of_item) + "\"" +
         with_write_id(write) + "}";
}

std::string element(int write, const std::string& change, bool provisional) {
  return R"({"id":")" + std::to_string(write) + R"(","write_id":")" + uuid(write) +
         R"(","provisional":)" + (provisional ? "true" : "false") + R"(,"changes":[)" + change +
         "]}";
}
std::string part_change(int key, int of_item) {
  return R"({"operation":"insert","table":"parts","value":{"id":)" + std::to_string(key) +
         R"(,"item":")" + uuid(of_item) + "\"}}";
}
std::string item_change(int key, const std::string& title) {
  return R"({"operation":"insert","table":"items","value":)" + item(key, title) + "}";
}

TEST_F(BackendProvisional, RecordsNoRefusalByWhicheverRoute) {
  start_with_parts();
  struct Case {
    const char* expected;
    const char* method;
    std::string target;
    std::string body;
  };
  const std::string mark = "provisional=true";
  const Case cases[] = {
      {"409 23503 parts_item_fkey", "POST", "/parts?", part(1, 1, 1)},
      {"404", "PUT", "/items/" + uuid(1) + "?", R"({"title":"x")" + with_write_id(2) + "}"},
      {"400 nope", "POST", "/items?", R"({"nope":1)" + with_write_id(3) + "}"},
      {"409 23514 items_title_check", "POST", "/items?", item(4, "bad", with_write_id(4))},
      {"404", "DELETE", "/none/1?write_id=" + uuid(5) + "&", ""},
      {"409 23503 parts_item_fkey", "POST", "/parts?", R"({"id":7,"item":")" + uuid(9) + "\"}"}};
  for (const Case& one : cases) {
    EXPECT_EQ(asked(one.method, one.target + mark, one.body),
              std::string(one.expected) + " provisional");
  }
  EXPECT_EQ(recorded(), "0");
  sql_.run("INSERT INTO items VALUES ('" + uuid(1) +
           "', 'a'); ALTER TABLE items ADD nope int, "
           "DROP CONSTRAINT items_title_check, ALTER title DROP NOT NULL, ALTER id SET DEFAULT "
           "gen_random_uuid()");
  for (const Case& one : cases) {
    if (one.target.find(uuid(5)) != std::string::npos) continue;
    if (one.body.find(uuid(9)) != std::string::npos) continue;
    EXPECT_EQ(asked(one.method, one.target + mark, one.body), "200") << one.body;
  }
  EXPECT_EQ(recorded(), "4") << "a success counts";
}

TEST_F(BackendProvisional, AnswersARecordedOutcomeFirst) {
  start_with_parts();
  const std::string refused = part(1, 1, 1);
  ASSERT_EQ(asked("POST", "/parts", refused), "409 23503 parts_item_fkey");
  ASSERT_EQ(asked("POST", "/items", R"({"nope":1)" + with_write_id(2) + "}"), "400 nope");
  const Json first = send("POST", "/items", item(3, "a", with_write_id(3))).json();
  ASSERT_EQ(asked("DELETE", "/writes/" + uuid(4)), "422");

  EXPECT_EQ(asked("POST", "/parts?provisional=true", refused), "409 23503 parts_item_fkey");
  EXPECT_EQ(asked("POST", "/items?provisional=true", R"({"nope":1)" + with_write_id(2) + "}"),
            "400 nope")
      << "refused before anything is claimed";
  const Json again = send("POST", "/items?provisional=true", item(3, "a", with_write_id(3))).json();
  EXPECT_EQ(again["txid"], first["txid"]);
  EXPECT_EQ(asked("POST", "/items?provisional=true", item(4, "b", with_write_id(4))), "422");
  EXPECT_EQ(recorded(), "4");
}

TEST_F(BackendProvisional, IsNotPartOfThePayload) {
  start_with_parts();
  const Json first = send("POST", "/items?provisional=true", item(1, "a", with_write_id(1))).json();
  ASSERT_EQ(first["status"], "OK");
  EXPECT_EQ(send("POST", "/items", item(1, "a", with_write_id(1))).json()["txid"], first["txid"]);
  const std::string other = "[" + element(1, item_change(1, "b"), true) + "]";
  const Json answer = send("POST", "/changes", other).json();
  EXPECT_EQ(answer["outcomes"][0]["status"], 422) << "known, with another payload";
  EXPECT_FALSE(answer["outcomes"][0].contains("provisional"));
}

TEST_F(BackendProvisional, MarksEachRefusedElementAndTriesThoseBehindIt) {
  start_with_parts();
  const std::string body = "[" + element(1, part_change(1, 1), true) + "," +
                           element(2, item_change(2, "b"), true) + "," +
                           element(3, part_change(3, 1), false) + "," +
                           element(4, item_change(4, "d"), false) + "]";
  const RawResponse answer = send("POST", "/changes", body);
  EXPECT_EQ(answer.status, 409);
  std::string printed;
  const Json read = answer.json();
  for (const Json& outcome : read["outcomes"]) {
    const bool ok = outcome["status"] == "OK";
    printed += (ok ? "200" : outcome["status"].dump()) + mark_of(outcome) + ", ";
  }
  EXPECT_EQ(printed, "409 provisional, 200, 409, 200, ");
  EXPECT_EQ(titles(), "b d");
  EXPECT_EQ(recorded(), "3");
  EXPECT_EQ(asked("POST", "/items", item(1, "a")), "200");
  EXPECT_EQ(send("POST", "/changes", "[" + element(1, part_change(1, 1), false) + "]").status, 200);
}

TEST_F(BackendProvisional, SaysWithTheMarkThatTheOutcomeIsTooOldToBeKnown) {
  auto shortly = options();
  shortly.outcome_lifetime = std::chrono::hours(1);
  start(shortly);
  const std::string old = item(1, "a", with_write_id(1) + R"(,"sent_after":1)");
  EXPECT_EQ(asked("POST", "/items?provisional=true", old), "410 provisional");
  EXPECT_EQ(asked("POST", "/items", old), "410");
}

TEST_F(BackendProvisional, IsDescribed) {
  start_with_parts();
  const Json paths = send("GET", "/openapi.json").json()["paths"];
  const auto has = [](const Json& route) {
    return route["parameters"].dump().find("\"provisional\"") != std::string::npos;
  };
  EXPECT_TRUE(has(paths["/items"]["post"]));
  EXPECT_TRUE(has(paths["/items/{id}"]["put"]));
  EXPECT_TRUE(has(paths["/items/{id}"]["delete"]));
  EXPECT_NE(paths["/changes"]["post"].dump().find("\"provisional\""), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
