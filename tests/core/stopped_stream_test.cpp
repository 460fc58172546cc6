// A write to a table that nobody can follow: from what the server says of the stream, over the hub,
// to the answer that the app gets. One row for each way in which a stream stops.
#include <gtest/gtest.h>

#include <functional>

#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"
#include "runtime/pattern_runner.hpp"
#include "support/runner_fakes.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

class StoppedStream : public testing::Test {
 protected:
  StoppedStream() {
    runner_.start();
    bench_.hub.start();
    bench_.executor.run_all();
  }
  ~StoppedStream() override {
    runner_.stop();
    bench_.executor.run_all();
  }

  /// The answer to a write to the table: "accepted", or "<code>: <message>".
  [[nodiscard]] std::string write() {
    std::string said = "nothing";
    runner_.submit({{}, {{OperationKind::insert, "items", {}, {{"id", "7"}, {"title", "a"}}}}},
                   [&said](const Result<WriteStatus>& status) {
                     said = status ? print_state(status->state)
                                   : std::string(to_string(status.error().code)) + ": " +
                                         status.error().message;
                   });
    bench_.executor.run_all();
    return said;
  }
  void go_live() {
    bench_.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
    bench_.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  }
  void try_again() {
    bench_.hub.restart("items");
    bench_.executor.run_all();
  }

  HubBench bench_{{shape_of("items")}};
  FakeGateway gateway_;
  PrintedEvents events_;
  PatternRunner runner_{
      {bench_.executor, bench_.executor, bench_.clock, bench_.hub, gateway_, events_},
      {"test", {"items"}, {}, {}},
      {},
      {new ScriptedPattern(), [](Pattern* one) { delete one; }},
      {}};
};

constexpr const char* kNotYet =
    "retry: The stream of the table \"items\" has not been up to date yet; try again.";

net::HttpResponse snapshot_with_schema(const std::string& schema) {
  return {200,
          {{"electric-handle", "h"}, {"electric-offset", "0_0"}, {"electric-schema", schema}},
          "[]"};
}

/// A way in which the stream of a table stops before its rows are known, and the reason.
struct Stop {
  const char* name;
  std::function<void(HubBench&)> happens;
  std::string reason;
};

const std::vector<Stop>& stops() {
  static const std::vector<Stop> all = {
      {"the table was dropped",
       [](HubBench& hub) { hub.answer(status_of(404, R"({"message":"no table items"})")); },
       "The shape endpoint answered 404 for the table items: no table items"},
      {"its key is not served",
       [](HubBench& hub) {
         hub.answer(status_of(400, R"({"message":"Invalid request","errors":)"
                                   R"({"columns":["the key is generated"]}})"));
       },
       "The shape endpoint answered 400 for the table items: Invalid request: columns: the key is "
       "generated"},
      {"the secret is wrong",
       [](HubBench& hub) { hub.answer(status_of(401, R"({"message":"Unauthorized"})")); },
       "The shape endpoint answered 401 for the table items: Unauthorized"},
      {"it is not allowed", [](HubBench& hub) { hub.answer(status_of(403, "no")); },
       "The shape endpoint answered 403 for the table items: no"},
      {"there is no key",
       [](HubBench& hub) { hub.answer(snapshot_with_schema(R"({"id":{"type":"int4"}})")); },
       "The table items has no primary key; give it one to follow it."},
      {"it cannot be asked for",
       [](HubBench& hub) { hub.http.fail(ErrorCode::rejected, "The URL names no host."); },
       "The URL names no host."},
      {"its log is wrong each time",
       [](HubBench& hub) {
         for (int times = 0; times < 4; ++times) {
           hub.answer(answer_of("h", "500_0", {update(9, "ghost", {500, 0, 71}), up_to_date(500)}));
           if (times < 3) hub.advance(std::chrono::seconds(4));
         }
       },
       "The server's log of the table items updates the row 9"},
  };
  return all;
}

TEST_F(StoppedStream, KeepsAWriteWaitingThatComesBeforeTheRows) {
  EXPECT_EQ(write(), kNotYet);
  bench_.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
  EXPECT_EQ(write(), kNotYet) << "the snapshot is not complete";
  bench_.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(write(), "accepted");
}

TEST_F(StoppedStream, SaysWhatTheStreamWaitsFor) {
  bench_.fail("The connection was reset.");
  EXPECT_EQ(write(), std::string(kNotYet) + " The connection was reset.");
  bench_.advance(std::chrono::seconds(4));
  net::HttpResponse unreadable = answer_of("h", "0_0", {});
  unreadable.body = "<html>";
  bench_.answer(unreadable);
  EXPECT_TRUE(write().starts_with(std::string(kNotYet) + " An answer for the table items"))
      << write();
}

class StopOf : public StoppedStream, public testing::WithParamInterface<std::size_t> {};

TEST_P(StopOf, IsTheAnswerToAWriteUntilTheTableIsFollowed) {
  const Stop& stop = stops().at(GetParam());
  const std::string refusal = "rejected: The table \"items\" cannot be followed: " + stop.reason;
  stop.happens(bench_);
  bench_.executor.run_all();
  EXPECT_TRUE(write().starts_with(refusal)) << stop.name << ": " << write();
  try_again();
  EXPECT_TRUE(write().starts_with(refusal)) << "nothing has come of it yet: " << write();
  go_live();
  EXPECT_EQ(write(), "accepted") << stop.name;
}

INSTANTIATE_TEST_SUITE_P(EachKind, StopOf, testing::Range<std::size_t>(0, stops().size()));

TEST_F(StoppedStream, IsToldToAPatternThatComesLater) {
  bench_.answer(status_of(404, "no"));
  FakeGateway gateway;
  PatternRunner later{
      {bench_.executor, bench_.executor, bench_.clock, bench_.hub, gateway, events_},
      {"later", {"items"}, {}, {}},
      {},
      {new ScriptedPattern(), [](Pattern* one) { delete one; }},
      {}};
  later.start();
  bench_.executor.run_all();
  std::string said;
  later.read({"items", {}, {}, {}, {}, {}},
             [&said](const auto& rows) { said = rows ? "rows" : rows.error().message; });
  bench_.executor.run_all();
  EXPECT_TRUE(said.starts_with("The table \"items\" cannot be followed: ")) << said;
  later.stop();
  bench_.executor.run_all();
}

TEST_F(StoppedStream, LeavesTheWritesOfATableThatIsKnownToTheBackend) {
  go_live();
  bench_.answer(status_of(404, R"({"message":"no table items"})"));
  EXPECT_EQ(write(), "accepted") << "whether it is applied is for the backend to say";
}

}  // namespace
}  // namespace patchbay::test
