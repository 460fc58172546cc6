// The same request again, before and after the host has started again: each pattern says what
// became of the write, and nothing of it comes back.
#include <gtest/gtest.h>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTable =
    "CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL CHECK (title <> 'bad'))";
const std::vector<std::string> kPatterns{"online", "optimistic", "immutable", "through-db"};

/// Not of version 7, as many apps make them: nothing in it says when it was made.
std::string id_of(std::size_t number) {
  return "6f1c0000-0000-4000-8000-00000000000" + std::to_string(number);
}

class Repeat : public testing::Test {
 protected:
  Repeat() { start(); }

  void start() {
    host_.reset();
    host_ = deployment_.start_host(deployment_ / "host", kPatterns);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("items"));
  }
  Answer insert(const std::string& pattern, std::size_t number, const std::string& title) {
    return api_->post("/api/patterns/" + pattern + "/writes",
                      R"({"operations":[{"operation":"insert","table":"items","value":{"id":)" +
                          std::to_string(number) + R"(,"title":")" + title +
                          R"("}}],"write_id":")" + id_of(number) + "\"}");
  }

  Deployment deployment_{kTable, {"items"}};
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
};

TEST_F(Repeat, SaysWhatBecameOfTheWriteAcrossARestart) {
  for (std::size_t at = 0; at < kPatterns.size(); ++at) {
    EXPECT_EQ(insert(kPatterns[at], at, "old").status, 200) << kPatterns[at];
    EXPECT_TRUE(api_->becomes("confirmed", kPatterns[at], id_of(at))) << kPatterns[at];
    insert(kPatterns[at], at + 4, "bad");
    EXPECT_TRUE(api_->becomes("rejected", kPatterns[at], id_of(at + 4))) << kPatterns[at];
  }
  SqlSession sql(deployment_.database());
  sql.run("UPDATE items SET title = 'new' || id");
  const std::string rows = "new0 new1 new2 new3";
  for (const std::string& pattern : kPatterns) {
    EXPECT_EQ(api_->shows(rows, pattern, "items", "title"), rows);
  }
  for (const char* when : {"in the same run", "in the next run"}) {
    for (std::size_t at = 0; at < kPatterns.size(); ++at) {
      const std::string& pattern = kPatterns[at];
      const std::string where = pattern + " " + when;
      EXPECT_EQ(insert(pattern, at, "old").status, 200) << where;
      // It is sent again there, as the server alone knows, and the row waits for the stream.
      if (pattern != "online") {
        EXPECT_EQ(api_->column(pattern, "items", "title"), rows) << where;
      }
      EXPECT_TRUE(api_->becomes("confirmed", pattern, id_of(at))) << where;
      EXPECT_EQ(insert(pattern, at, "other").status, 422) << where;
      EXPECT_EQ(insert(pattern, at + 4, "bad").status, 409) << where;
      EXPECT_EQ(api_->shows(rows, pattern, "items", "title"), rows) << where;
    }
    host_->kill();
    start();
    for (const std::string& pattern : kPatterns) {
      EXPECT_EQ(api_->shows(rows, pattern, "items", "title"), rows);
    }
  }
  EXPECT_EQ(sql.value("SELECT string_agg(title, ' ' ORDER BY id) FROM items"), rows);
}

}  // namespace
}  // namespace patchbay::test
