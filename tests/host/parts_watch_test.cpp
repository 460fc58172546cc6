// The troubles that the answer of a part, or its silence, is taken for.
#include "app/parts_watch.hpp"

#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

std::string said(const std::vector<api::Trouble>& troubles) {
  std::string text;
  for (const api::Trouble& trouble : troubles) text += trouble.part + ": " + trouble.message + "\n";
  return text;
}

TEST(PartsWatch, TakesAnAnswerForWhatItSays) {
  const WatchedPart backend{"backend", "http://x/ready", "http://x/health", ""};
  struct Case {
    int status;
    const char* body;
    const char* troubles;
  };
  const Case cases[] = {
      {200, R"({"status":"ready","reasons":[]})", ""},
      {200, "anything", ""},
      {202, R"({"status":"starting"})", ""},
      {404, "Not found", ""},  // a backend that is not ours
      {503, R"({"status":"degraded","reasons":[{"part":"database","message":"Away."}]})",
       "database: Away.\n"},
      {503, R"({"reasons":[{"part":"a","message":"1"},{"part":"b","message":"2"},7]})",
       "a: 1\nb: 2\n"},
      {503, "<html>", "backend: It answers with status 503; look at its own log.\n"},
      {502, R"({"reasons":"none"})",
       "backend: It answers with status 502; look at its own log.\n"}};
  for (const Case& one : cases) {
    EXPECT_EQ(said(troubles_of(backend, net::HttpResponse{one.status, {}, one.body})), one.troubles)
        << one.status << one.body;
  }
  const Result<net::HttpResponse> silence = failure(ErrorCode::retry, "It was refused.");
  EXPECT_EQ(said(troubles_of(backend, silence)), "backend: It does not answer: It was refused.\n");
}

TEST(PartsWatch, TellsATroubleOfTwoPartsOnce) {
  const api::Trouble brief{"database", "connection refused"};
  const api::Trouble full{"database", "PostgreSQL failed at connecting: connection refused."};
  const api::Trouble other{"database", "It has wal_level = replica."};
  const api::Trouble elsewhere{"backend", "connection refused"};
  const std::string once = "database: " + full.message + "\n";
  for (const auto& order : {std::vector{brief, full, brief}, {full, brief, full}}) {
    std::vector<api::Trouble> all;
    for (const api::Trouble& one : order) add_once(one, all);
    EXPECT_EQ(said(all), once);
    add_once(other, all);
    add_once(elsewhere, all);
    EXPECT_EQ(said(all), once + said({other, elsewhere}));
  }
}

}  // namespace
}  // namespace patchbay::app
