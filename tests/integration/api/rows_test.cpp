#include "integration/api/api_fixture.hpp"

namespace patchbay::test {
namespace {

class ApiRows : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    put(kMilk, "milk", "2024-01-01 00:00:00+00");
    put(kEggs, "eggs", "2024-01-02 00:00:00+00");
    put(kTea, "tea", "2024-01-03 00:00:00+00");
  }
  RawResponse rows(const std::string& query) {
    return get("/api/patterns/fast/rows/todos" + query);
  }
};

TEST_F(ApiRows, GiveBooleansAsBooleansAndAllElseAsText) {
  fast_.put({{"id", kMilk},
             {"title", "milk"},
             {"completed", "true"},
             {"amount", "1.10"},
             {"size", "9007199254740993"},
             {"extra", std::nullopt}});
  const Json row = rows("?id=eq." + std::string(kMilk)).json()["rows"][0];
  EXPECT_EQ(row.dump(), R"({"values":{"amount":"1.10","completed":true,"created_at":null,)"
                        R"("extra":null,"id":"00000000-0000-4000-8000-000000000001",)"
                        R"("size":"9007199254740993","title":"milk"},"pending":false})");
}

TEST_F(ApiRows, AreFilteredAndOrdered) {
  EXPECT_EQ(titles(rows("?order=created_at").json()), "milk eggs tea");
  EXPECT_EQ(titles(rows("?order=created_at.desc").json()), "tea eggs milk");
  EXPECT_EQ(titles(rows("?title=gt.f&title=lt.n").json()), "milk");
  EXPECT_EQ(titles(rows("?title=ne.tea&order=title").json()), "eggs milk");
  EXPECT_EQ(titles(rows("?amount=null").json()), "");
  EXPECT_EQ(titles(rows("?title=eq.m%69lk").json()), "milk");
}

TEST_F(ApiRows, ComeInPages) {
  Json page = rows("?order=created_at.desc&limit=2").json();
  EXPECT_EQ(titles(page), "tea eggs");
  ASSERT_EQ(page["next"].dump(), R"({"id":"00000000-0000-4000-8000-000000000002",)"
                                 R"("created_at":"2024-01-02 00:00:00+00"})");
  std::string after;
  for (const char c : page["next"].dump()) {
    char escaped[4];
    std::snprintf(escaped, sizeof(escaped), "%%%02X", static_cast<unsigned char>(c));
    after += escaped;
  }
  page = rows("?order=created_at.desc&limit=2&after=" + after).json();
  EXPECT_EQ(titles(page), "milk");
  EXPECT_TRUE(page["next"].is_null());
  EXPECT_TRUE(rows("?limit=3").json()["next"].is_null());
}

TEST_F(ApiRows, ShowWhatIsPending) {
  fast_.hold(true);
  ASSERT_EQ(write("fast", insert("00000000-0000-4000-8000-000000000009", "soap")).status, 200);
  EXPECT_EQ(titles(rows("?order=title").json()), "eggs milk soap* tea");
  fast_.hold(false);
  fast_.settle();
  EXPECT_EQ(titles(rows("?order=title").json()), "eggs milk soap tea");
}

TEST_F(ApiRows, RefuseWhatIsWrong) {
  EXPECT_EQ(rows("?limit=x").status, 400);
  EXPECT_EQ(rows("?title=like.x").status, 400);
  EXPECT_EQ(message_of(rows("?nothing=eq.1")),
            "The table todos has no column \"nothing\"; check its spelling.");
  EXPECT_EQ(get("/api/patterns/none/rows/todos").status, 404);
  const RawResponse unknown = get("/api/patterns/fast/rows/toodos");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(message_of(unknown), "The pattern \"fast\" has no table \"toodos\"; it has todos.");
  EXPECT_EQ(get("/api/patterns/fast/rows").status, 404);
  EXPECT_EQ(post("/api/patterns/fast/rows/todos", "{}").status, 405);
}

TEST_F(ApiRows, SayWhenToAskAgain) {
  fast_.fail_next_read({ErrorCode::retry, "The store is busy; ask again."});
  const RawResponse busy = rows("");
  EXPECT_EQ(busy.status, 503);
  EXPECT_NE(busy.head.find("Retry-After: 1"), std::string::npos);
  EXPECT_EQ(busy.json().dump(),
            R"({"error":{"code":"retry","message":"The store is busy; ask again."}})");
  fast_.fail_next_read({ErrorCode::corrupt, "The store is damaged."});
  EXPECT_EQ(rows("").status, 500);
}

}  // namespace
}  // namespace patchbay::test
