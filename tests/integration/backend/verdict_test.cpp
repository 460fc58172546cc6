// The meaning of each SQLSTATE, and the form of the answers.
#include "backend/verdict.hpp"

#include <gtest/gtest.h>

#include "backend/answer.hpp"
#include "write/refusal_status.hpp"

namespace patchbay::backend {
namespace {

TEST(Verdict, JudgesEverySqlstateClass) {
  struct Case {
    const char* sqlstate;
    const char* verdict;
  };
  const Case cases[] = {
      {"", "later 503"},        {"08006", "later 503"},   {"0A000", "refused 422"},
      {"22001", "refused 400"}, {"22P02", "refused 400"}, {"23502", "refused 409"},
      {"23503", "refused 409"}, {"23505", "refused 409"}, {"23514", "refused 409"},
      {"23P01", "refused 409"}, {"25006", "later 503"},   {"25P02", "refused 422"},
      {"40001", "again 503"},   {"40P01", "again 503"},   {"40003", "later 503"},
      {"42501", "refused 403"}, {"42P01", "refused 422"}, {"42703", "refused 422"},
      {"428C9", "refused 422"}, {"53100", "later 503"},   {"53300", "later 503"},
      {"54001", "refused 422"}, {"55000", "refused 422"}, {"55006", "later 503"},
      {"55P03", "later 503"},   {"57014", "later 503"},   {"57P01", "later 503"},
      {"58030", "later 503"},   {"P0001", "refused 422"}, {"XX000", "later 503"},
      {"44000", "refused 422"}, {"21000", "refused 422"}};
  for (const Case& one : cases) {
    const Verdict verdict = judge(one.sqlstate);
    const char* kind = verdict.kind == Verdict::Kind::refused ? "refused "
                       : verdict.kind == Verdict::Kind::again ? "again "
                                                              : "later ";
    EXPECT_EQ(kind + std::to_string(verdict.status), one.verdict) << one.sqlstate;
    const bool refuses = verdict.kind == Verdict::Kind::refused;
    EXPECT_EQ(is_refusal_status(verdict.status), refuses) << one.sqlstate;
  }
}

TEST(Answer, GivesChangesTheStatusOfTheWorst) {
  const WriteOutcome ok = Committed{"7", {"99", "1/1"}};
  const WriteOutcome conflict = Refusal{409, "taken", "23505", "items_pkey", ""};
  const WriteOutcome malformed = Refusal{400, "bad", "", "", ""};
  const WriteOutcome undecided = Undecided{"busy", 3};
  const auto status = [](std::vector<std::optional<WriteOutcome>> outcomes) {
    std::vector<ElementOutcome> elements;
    for (auto& outcome : outcomes) elements.push_back({"e", {}, std::move(outcome)});
    return changes_answer(elements).status;
  };
  EXPECT_EQ(status({}), 200);
  EXPECT_EQ(status({ok, ok}), 200);
  EXPECT_EQ(status({ok, conflict, malformed}), 409);
  EXPECT_EQ(status({ok, malformed, conflict}), 400);
  EXPECT_EQ(status({ok, conflict, undecided}), 503);
  EXPECT_EQ(status({ok, std::nullopt}), 503);
}

TEST(Answer, WritesEachOutcome) {
  const auto id = WriteId::parse("0190aaaa-0000-7000-8000-000000000001");
  EXPECT_EQ(write_answer(id, Committed{"7", {"99", "1/1"}}).body,
            R"({"status":"OK","txid":"7","lsn":"99","system":"1/1"})");
  EXPECT_EQ(write_answer(id, Refusal{409, "ta\"ken", "23505", "k", "c"}).body,
            R"({"write_id":"0190aaaa-0000-7000-8000-000000000001","errors":[{"message":"ta\"ken",)"
            R"("code":"23505","constraint":"k","column":"c"}]})");
  const auto undecided = write_answer(id, Undecided{"busy", 3});
  EXPECT_EQ(undecided.status, 503);
  EXPECT_EQ(undecided.headers.get("retry-after"), "3");
  EXPECT_EQ(undecided.body.find("write_id"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::backend
