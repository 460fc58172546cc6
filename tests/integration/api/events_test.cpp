#include <future>

#include "integration/api/api_fixture.hpp"

namespace patchbay::test {
namespace {

class ApiEvents : public ApiTest {
 protected:
  std::unique_ptr<RawConnection> listen(const std::string& query, int receive_buffer_bytes = 0) {
    auto events = std::make_unique<RawConnection>(api_->port(), receive_buffer_bytes);
    events->send("GET /api/events" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    events->read_until("event: hello");
    return events;
  }
  /// Event names in order, hello included.
  static std::string names(const std::string& text) {
    std::string out;
    for (std::size_t at = text.find("event: "); at != std::string::npos;
         at = text.find("event: ", at + 1)) {
      const std::size_t end = text.find('\n', at);
      out += (out.empty() ? "" : " ") + text.substr(at + 7, end - at - 7);
    }
    return out;
  }
};

TEST_F(ApiEvents, GreetWithTheStatus) {
  const auto events = listen("");
  const std::string& text = events->read_until("\n\n\r\n");
  EXPECT_NE(text.find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_NE(text.find("retry: 1000"), std::string::npos);
  EXPECT_NE(text.find(R"(data: {"version":"1.2.3")"), std::string::npos);
  EXPECT_NE(text.find(R"("pattern":"fast")"), std::string::npos);
}

TEST_F(ApiEvents, TellEveryKind) {
  const auto events = listen("?pattern=fast");
  fast_.hold(true);
  ASSERT_EQ(write("fast", insert(kMilk, "milk")).status, 200);
  fast_.hold(false);
  fast_.remove(kMilk);
  fast_.announce_table();
  fast_.set_queue(QueueState::retrying, "The backend does not answer.");
  fast_.settle();
  api_->on_stream_status({"todos", StreamState::retrying, "refused"});
  const std::string& text = events->read_until("event: stream");
  EXPECT_EQ(names(text), "hello write row row write row_gone table pattern stream");
  EXPECT_NE(text.find(R"("title":"milk"},"pending":true})"), std::string::npos);
  EXPECT_NE(text.find(R"("title":"milk"},"pending":false})"), std::string::npos);
  EXPECT_NE(text.find("event: row_gone\ndata: {\"pattern\":\"fast\",\"table\":\"todos\",\"key\":"
                      "{\"id\":\"00000000-0000-4000-8000-000000000001\"}}"),
            std::string::npos);
  EXPECT_NE(text.find(R"("queue":{"state":"retrying","reason":"The backend does not answer."})"),
            std::string::npos);
  events->read_until(R"("state":"retrying","reason":"refused"})");
}

TEST_F(ApiEvents, AreFilteredByPatternAndTable) {
  const auto other_pattern = listen("?pattern=slow");
  const auto other_table = listen("?table=elsewhere");
  const auto both = listen("?pattern=slow&pattern=fast&table=todos");
  put(kMilk, "milk", "2024-01-01");
  fast_.settle();
  for (const char* table : {"todos", "elsewhere"}) {
    api_->on_stream_status({table, StreamState::live, ""});
  }
  EXPECT_EQ(names(other_pattern->read_until("\"elsewhere\"")), "hello stream stream");
  EXPECT_EQ(names(other_table->read_until("\"elsewhere\"")), "hello stream");
  EXPECT_EQ(names(both->read_until("event: stream")), "hello row stream");
}

TEST_F(ApiEvents, NumberThemselvesAndRowsSayWhereTheyStand) {
  const auto events = listen("");
  const Json before = get("/api/patterns/fast/rows/todos").json();
  put(kMilk, "milk", "2024-01-01");
  put(kEggs, "eggs", "2024-01-02");
  fast_.settle();
  const Json after = get("/api/patterns/fast/rows/todos").json();
  EXPECT_EQ(after["as_of"].get<int>(), before["as_of"].get<int>() + 2);
  const std::string last = "id: " + after["as_of"].dump() + "\nevent: row";
  EXPECT_NE(events->read_until(last).find(last), std::string::npos);
}

/// All that is held for a reader that reads nothing, beside what the system's buffers take.
TEST_F(ApiEvents, AreBoundedInBytesForAReaderThatDoesNotKeepUpAndGreetItAgain) {
  const auto slow = listen("", 4'096);
  const auto quick = listen("?table=elsewhere");
  const std::string long_title(60'000, 'x');
  constexpr int kEvents = 400;
  for (int at = 0; at < kEvents; ++at) put(kMilk, long_title.c_str(), "2024-01-01");
  fast_.settle();
  api_->on_stream_status({"elsewhere", StreamState::live, ""});
  EXPECT_EQ(names(quick->read_until("event: stream")), "hello stream");
  const std::string text = slow->read_until(R"("missed":true)");
  EXPECT_LT(text.size(), kEvents * long_title.size() / 2) << "what it missed was not kept for it";
  EXPECT_TRUE(names(text).ends_with("row hello"));
  put(kEggs, "eggs", "2024-01-02");
  slow->read_until("\"title\":\"eggs\"");
}

/// A reader that keeps up gets every event whole, however large, and the stream continues.
TEST_F(ApiEvents, OfAnySizeReachAReaderThatKeepsUp) {
  const auto events = listen("?pattern=fast");
  const std::size_t more_than_bound = api::kEventBacklogBytesMax * 3 / 2;
  const std::string long_title(more_than_bound, 'x');
  put(kMilk, long_title.c_str(), "2024-01-01");
  const auto row = [&](const std::string& text) {
    return text.size() > more_than_bound && text.ends_with("\"pending\":false}\n\n\r\n");
  };
  EXPECT_TRUE(row(events->read_until(row)));

  WriteStatus refused;
  refused.id = *WriteId::parse(kWrite);
  refused.state = WriteState::rejected;
  refused.rejection.message = long_title;
  refused.operations.push_back({OperationKind::remove, fast_.make_key(kMilk), {}});
  api_->on_write_state("fast", refused);
  events->read_until("\"id\":\"" + std::string(kMilk) + "\"}}]}");
  fast_.announce_table();
  EXPECT_EQ(names(events->read_until("event: table")), "hello row write table");
}

TEST_F(ApiEvents, TellOfAWriteItsFirstOperationAndHowManyThereAre) {
  const auto bytes = [&](std::size_t operations) {
    const auto events = listen("?pattern=fast&table=todos");
    WriteStatus write;
    write.id = *WriteId::parse(kWrite);
    write.operations.assign(operations, {OperationKind::remove, fast_.make_key(kMilk), {}});
    api_->on_write_state("fast", write);
    fast_.announce_table();
    const std::string text = events->read_until("event: table");
    EXPECT_EQ(names(text), "hello write table");
    EXPECT_NE(text.find("\"operations_count\":" + std::to_string(operations) + ","),
              std::string::npos);
    return text.size();
  };
  EXPECT_LT(bytes(10'000), bytes(1) + 20);
}

TEST_F(ApiEvents, TellOfAPatternOnlyWhatLasts) {
  const auto events = listen("?pattern=fast");
  using enum QueueState;
  for (const QueueState state : {sending, idle, sending, retrying, retrying, sending}) {
    fast_.set_queue(state, "");
  }
  fast_.settle();
  fast_.announce_table();
  EXPECT_EQ(names(events->read_until("event: table")), "hello pattern pattern table");
}

/// A reader that named a burst is told to read the table, however many rows change together.
TEST_F(ApiEvents, OfMoreRowsThanAReadersBurstComeAsOne) {
  const auto all = listen("");
  const auto some = listen("?burst=10");
  for (int at = 0; at < 1'000; ++at) put(kMilk, "milk", "2024-01-01");
  fast_.settle();
  const std::string text = some->read_until(R"("table":"todos"})");
  const std::string told = names(text);
  EXPECT_LT(told.size(), std::string("row ").size() * 500) << told;
  const auto last = get("/api/patterns/fast/rows/todos").json()["as_of"].get<int>();
  put(kEggs, "eggs", "2024-01-02");
  some->read_until("\"title\":\"eggs\"");
  const std::string every = names(all->read_until("\"title\":\"eggs\""));
  EXPECT_EQ(every.size(), std::string("hello").size() + 1'001 * std::string(" row").size());
  EXPECT_GE(last, 1'001);
  EXPECT_EQ(get("/api/events?burst=many").status, 400);
}

TEST_F(ApiEvents, GreetEveryReaderAgainWhenTheyCannotBeCarriedAnyMore) {
  api_->stop();
  std::promise<void> blocked;
  std::promise<void> go_on;
  api::ApiOptions options;
  options.hooks.set_network = [&](const std::string&) -> Result<void> {
    blocked.set_value();
    go_on.get_future().wait();
    return {};
  };
  start(options);
  const auto events = listen("?table=elsewhere");
  RawConnection network(api_->port());
  network.send(
      "POST /api/network HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 15\r\n\r\n"
      R"({"mode":"slow"})");
  blocked.get_future().wait();
  const ViewRow row{fast_.make_key(kMilk), false};
  for (std::size_t at = 0; at <= api::kQueuedRowEventsMax; ++at) api_->on_row_changed("fast", row);
  go_on.set_value();
  EXPECT_EQ(names(events->read_until(R"("missed":true)")), "hello network hello");
  api_->on_stream_status({"elsewhere", StreamState::live, ""});
  events->read_until("event: stream");
}

TEST_F(ApiEvents, AreBoundedInReaders) {
  std::vector<std::unique_ptr<RawConnection>> readers;
  for (std::size_t at = 0; at < api::kSubscribersMax; ++at) readers.push_back(listen(""));
  const RawResponse refused = get("/api/events");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.json()["error"]["code"], "retry");
  readers.pop_back();
  RawResponse again = refused;
  for (int tries = 0; tries < 200 && again.status == 503; ++tries) {
    RawConnection events(api_->port());
    events.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    again.status = events.read_until("\r\n\r\n").find("200 OK") != std::string::npos ? 200 : 503;
  }
  EXPECT_EQ(again.status, 200);
}

TEST_F(ApiEvents, KeepSilentConnectionsAlive) {
  api_->stop();
  api::ApiOptions options;
  options.keep_alive = std::chrono::milliseconds(10);
  start(options);
  const auto events = listen("");
  const auto comments = [](const std::string& text) {
    return text.find(":\n\n", text.find(":\n\n") + 1) != std::string::npos;
  };
  EXPECT_TRUE(comments(events->read_until(comments)));
}

TEST_F(ApiEvents, ComeToAnEndWithTheApi) {
  const auto events = listen("");
  api_->stop();
  events->read_until([](const std::string&) { return false; });
  EXPECT_TRUE(events->closed_by_peer());
  put(kMilk, "milk", "2024-01-01");
  fast_.settle();
}

}  // namespace
}  // namespace patchbay::test
