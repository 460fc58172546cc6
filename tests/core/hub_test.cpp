// The hub: who gets which batches, and what a late subscriber is told.
#include "hub/hub.hpp"

#include <gtest/gtest.h>

#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"

namespace patchbay::test {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kWrite = "0190b2c4-0000-7000-8000-0000000000ff";

std::string insert_with_write(int id, At at) {
  return message("insert",
                 R"({"id":")" + std::to_string(id) +
                     R"(","title":"w","completed":"t","write_id":")" + kWrite + R"("})",
                 at);
}

/// Two tables whose polls are answered by table.
struct TwoTables : HubBench {
  TwoTables() : HubBench({shape_of("items"), shape_of("tags")}) {
    hub.start();
    executor.run_all();
  }
  /// Answers the oldest waiting request of that table.
  void answer_table(const std::string& table, const net::HttpResponse& response) {
    bool answered = false;
    http.respond =
        [&](const net::HttpRequest& request) -> std::optional<Result<net::HttpResponse>> {
      if (answered || request.url.find("table=" + table) == std::string::npos) return std::nullopt;
      answered = true;
      return response;
    };
    http.deliver();
    executor.run_all();
  }
  void go_live(const std::string& table) {
    answer_table(table, answer_of("h" + table, "0_0", {insert(1, "one"), snapshot_end()}));
    answer_table(table, answer_of("h" + table, "0_inf", {up_to_date(100)}));
  }
};

TEST(Hub, LateSubscriberGetsTheRowsThenTheBatches) {
  TwoTables bench;
  bench.go_live("items");
  bench.answer_table(
      "items", answer_of("hitems", "500_0", {insert_with_write(2, {500, 0, 71}), up_to_date(500)}));
  bench.answer_table("items", answer_of("hitems", "500_0", {up_to_date(500)}));
  bench.hub.subscribe(bench.subscriber, {"items", "tags"});
  bench.executor.run_all();
  EXPECT_EQ(bench.subscriber->take(),
            Lines({"reset @500_0 txids=71 writes=1 snapshot=700:700 proven=500 | 1:one 2:w*"}))
      << "with the evidence of before; tags is not known yet";
  const StreamBatch& first = bench.subscriber->last();
  EXPECT_EQ(first.handle, "hitems");
  EXPECT_EQ(first.evidence.write_ids[0].text(), kWrite);
  bench.go_live("tags");
  bench.answer_table("items",
                     answer_of("hitems", "600_0", {remove(1, {600, 0, 72}), up_to_date(600)}));
  EXPECT_EQ(bench.subscriber->take(),
            Lines({"reset @0_inf snapshot=700:700 | 1:one", "@600_0 txids=72 proven=500 | -1"}));
  EXPECT_EQ(bench.subscriber->batches()[1]->table->name, "tags");
}

TEST(Hub, RowsAreSharedBetweenSubscribers) {
  TwoTables bench;
  auto other = std::make_shared<PrintingSubscriber>();
  bench.hub.subscribe(bench.subscriber, {"items"});
  bench.go_live("items");
  bench.hub.subscribe(other, {"public.items"});
  bench.executor.run_all();
  EXPECT_EQ(&*bench.subscriber->last().changes[0].row, &*other->last().changes[0].row);
  bench.answer_table("items",
                     answer_of("hitems", "500_0", {insert(2, "x", {500, 0, 71}), up_to_date(500)}));
  EXPECT_EQ(bench.subscriber->batches().back(), other->batches().back()) << "one batch for all";
}

TEST(Hub, UnsubscribedIsToldNothingMore) {
  TwoTables bench;
  bench.hub.subscribe(bench.subscriber, {"items", "items", "nowhere"});
  bench.go_live("items");
  EXPECT_EQ(bench.subscriber->take().size(), 1U) << "twice subscribed is subscribed once";
  bench.hub.unsubscribe(bench.subscriber);
  bench.answer_table("items",
                     answer_of("hitems", "500_0", {insert(2, "x", {500, 0, 71}), up_to_date(500)}));
  EXPECT_EQ(bench.subscriber->take(), Lines{});
  bench.hub.subscribe(bench.subscriber, {"items"});
  bench.executor.run_all();
  EXPECT_EQ(bench.subscriber->take(),
            Lines({"reset @500_0 txids=71 snapshot=700:700 proven=100 | 1:one 2:x"}));
}

TEST(Hub, TableWithoutNetChangeStillTellsItsEvidence) {
  TwoTables bench;
  bench.hub.subscribe(bench.subscriber, {"items"});
  bench.go_live("items");
  bench.answer_table(
      "items", answer_of("hitems", "500_2",
                         {insert(2, "x", {500, 0, 71}), remove(2, {500, 2, 71}), up_to_date(500)}));
  EXPECT_EQ(bench.subscriber->take().back(), "@500_2 txids=71 proven=100 | ");
}

TEST(Hub, AskConcernsOneTable) {
  TwoTables bench;
  bench.go_live("items");
  bench.go_live("tags");
  const std::size_t sent = bench.http.sent();
  bench.hub.ask("tags");
  bench.hub.ask("nowhere");
  bench.executor.run_all();
  EXPECT_EQ(bench.http.sent(), sent + 1);
  EXPECT_EQ(bench.last_query(), "cache-buster=*&handle=htags&offset=0_inf&table=tags");
}

TEST(Hub, LateSubscriberAfterARotationGetsNoEvidenceOfBefore) {
  TwoTables bench;
  bench.go_live("items");
  bench.answer_table("items",
                     answer_of("hitems", "500_0", {insert(2, "x", {500, 0, 71}), up_to_date(500)}));
  bench.answer_table("items", status_of(409));
  bench.hub.subscribe(bench.subscriber, {"items"});
  bench.executor.run_all();
  EXPECT_EQ(bench.subscriber->take(),
            Lines({"reset @500_0 txids=71 snapshot=700:700 proven=100 | 1:one 2:x"}))
      << "until the new snapshot is complete the old rows count";
  bench.answer_table("items", answer_of("i", "0_0", {insert(2, "y"), snapshot_end()}));
  bench.answer_table("items", answer_of("i", "0_inf", {up_to_date(900)}));
  auto late = std::make_shared<PrintingSubscriber>();
  bench.hub.subscribe(late, {"items"});
  bench.executor.run_all();
  EXPECT_EQ(late->take(), Lines({"reset @0_inf snapshot=700:700 | 2:y"}));
  EXPECT_EQ(bench.subscriber->take(), Lines({"reset @0_inf snapshot=700:700 | 2:y"}));
}

TEST(Hub, RememberedEvidenceIsBounded) {
  TwoTables bench;
  bench.go_live("items");
  std::vector<std::string> messages;
  for (unsigned txid = 1; txid <= 12'000; ++txid) {
    messages.push_back(update(1, "x", {1'000 + static_cast<int>(txid), 0, txid}));
  }
  messages.push_back(up_to_date(20'000));
  bench.answer_table("items", answer_of("hitems", "13000_0", messages));
  bench.hub.subscribe(bench.subscriber, {"items"});
  bench.executor.run_all();
  const Evidence& evidence = bench.subscriber->last().evidence;
  EXPECT_EQ(evidence.txids.size(), 10'000U);
  EXPECT_EQ(evidence.txids.back(), 12'000U) << "the newest are kept";
}

TEST(Hub, MetricsTellEveryShape) {
  TwoTables bench;
  bench.go_live("items");
  bench.answer_table("items",
                     answer_of("hitems", "500_0", {insert(2, "x", {500, 0, 71}), up_to_date(500)}));
  const ShapeMetrics items = bench.metrics();
  EXPECT_EQ(items.status.table, "items");
  EXPECT_EQ(items.status.state, StreamState::live);
  EXPECT_TRUE(items.up_to_date);
  EXPECT_EQ(items.rows, 2U);
  EXPECT_EQ(items.batches, 2U);
  EXPECT_EQ(items.changes, 2U);
  EXPECT_EQ(items.resets, 1U);
  EXPECT_EQ(items.proven_lsn, 100U);
  EXPECT_EQ(items.offset, "500_0");
}

}  // namespace
}  // namespace patchbay::test
