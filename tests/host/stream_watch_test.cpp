// How the streams of the tables are told to API, log and patterns. No hub; time is moved by hand.
#include "app/stream_watch.hpp"

#include <gtest/gtest.h>

#include "app/part_options.hpp"
#include "sim/manual_clock.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::app {
namespace {

using namespace std::chrono_literals;

class StreamWatches : public testing::Test {
 protected:
  void hear(const std::string& table, StreamState state, const std::string& reason = "") {
    watch_.on_status({table, state, reason});
  }
  std::string take_told() { return std::exchange(told_, ""); }
  [[nodiscard]] std::string counts() const {
    return std::to_string(watch_.heard_count()) + " heard, " + std::to_string(watch_.live_count()) +
           " live";
  }

  test::LoggedLines log_;
  std::string told_;
  sim::ManualExecutor strand_;
  sim::ManualClock clock_;
  StreamWatch watch_{strand_,
                     clock_,
                     {[this](const StreamStatus& status) { told_ += status.table + " "; },
                      [this](const std::string& table) { told_ += "restart " + table + " "; },
                      [this] { told_ += "restored "; }}};
};

TEST_F(StreamWatches, CountTablesOnceAndWithoutTheHeartbeat) {
  hear("todos", StreamState::connecting);
  EXPECT_EQ(counts(), "0 heard, 0 live");
  hear("todos", StreamState::live);
  hear(kHeartbeatTable, StreamState::live);
  hear("todos", StreamState::retrying, "It is away.");
  hear("notes", StreamState::stopped, "It is not there.");
  EXPECT_EQ(counts(), "2 heard, 1 live");
  EXPECT_EQ(take_told(), "todos todos todos notes ");
}

TEST_F(StreamWatches, StartAStoppedStreamAgainAfterFiveSeconds) {
  hear("todos", StreamState::stopped, "It is not there.");
  hear(kHeartbeatTable, StreamState::stopped);
  EXPECT_EQ(take_told(), "todos ");
  clock_.advance(4999ms, strand_);
  EXPECT_EQ(take_told(), "");
  clock_.advance(1ms, strand_);
  EXPECT_EQ(take_told(), "restart todos restart patchbay.tick ");
  clock_.advance(1min, strand_);
  EXPECT_EQ(take_told(), "");
}

TEST_F(StreamWatches, TellThePatternsOfEachTableThatIsBack) {
  hear("todos", StreamState::live);
  hear("todos", StreamState::retrying, "No route.");
  hear("notes", StreamState::retrying, "No route.");
  take_told();
  EXPECT_EQ(log_.take(), "[warning] [stream] Tables are not followed, todos for one: No route.\n");
  hear("todos", StreamState::live);
  EXPECT_EQ(take_told(), "todos restored ");
  EXPECT_EQ(log_.take(), "");
  hear("notes", StreamState::live);
  EXPECT_EQ(take_told(), "notes restored ");
  EXPECT_EQ(log_.take(), "[info] [stream] Every table is followed again.\n");
  hear("notes", StreamState::live);
  EXPECT_EQ(take_told(), "notes ") << "it was not away";
}

TEST_F(StreamWatches, SayWhyEachTableIsNotFollowed) {
  hear("todos", StreamState::live);
  hear("notes", StreamState::stopped, "It is not there.");
  hear("items", StreamState::connecting);
  hear(kHeartbeatTable, StreamState::retrying, "No route.");
  EXPECT_EQ(watch_.troubles(), (std::vector<std::string>{"items: It is being connected to.",
                                                         "notes: It is not there."}));
}

TEST(PartOptions, FollowEachTableAndTheHeartbeat) {
  Config config;
  config.tables = {"todos", "notes"};
  config.electric_url = "http://localhost:3000/";
  config.electric_secret = "s";
  config.table_settings = {{"notes", {"tsv", "draft"}, {}}};
  std::string printed;
  for (const auto& shape : shape_options(config)) {
    printed += shape.table + (shape.cached ? " cached" : "");
    for (const std::string& column : shape.columns_except) printed += " -" + column;
    for (const auto& [name, value] : shape.credentials) printed += " " + name + "=" + value;
    printed += "\n";
    EXPECT_EQ(shape.url, "http://localhost:3000/v1/shape");
  }
  EXPECT_EQ(printed,
            "todos cached secret=s\nnotes cached -draft -tsv secret=s\npatchbay.tick secret=s\n");
}

TEST(PartOptions, AskElectricAndBackendWhetherTheyAreReady) {
  Config config;
  config.electric_url = "http://localhost:3000/v1/shape";
  config.electric_secret = "a&b";
  config.backend_url = "http://localhost:4000";
  config.backend_token = "t";
  std::string printed;
  for (const WatchedPart& part : watched_parts(config, false)) {
    printed += part.part + " " + part.ready_url + " " + part.fallback_url + " " + part.token + "\n";
  }
  EXPECT_EQ(printed,
            "backend http://localhost:4000/ready http://localhost:4000/health t\n"
            "electric http://localhost:3000/ready?secret=a%26b http://localhost:3000/v1/health \n");
  EXPECT_EQ(watched_parts(config, true).back().part, "sync");
}

}  // namespace
}  // namespace patchbay::app
