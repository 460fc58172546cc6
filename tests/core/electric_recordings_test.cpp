// The read path under recorded sessions of a real server: what a subscriber sees, line by line.
#include <gtest/gtest.h>

#include "core/electric_replay.hpp"

namespace patchbay::test {
namespace {

using Lines = std::vector<std::string>;
using std::chrono::seconds;

/// Follows one table of a recording from its start, until nothing more is recorded for it.
struct Replay {
  Replay(const std::string& name, const electric::ShapeOptions& options)
      : recording(name), bench({options}), table(options.table) {
    bench.http.respond = [this](const net::HttpRequest& request) {
      return recording.next(request);
    };
    bench.hub.subscribe(bench.subscriber, {table});
    bench.hub.start();
    bench.settle();
  }
  Replay(const std::string& name, const std::string& of) : Replay(name, shape_of(of)) {}
  /// For what was recorded without a long poll.
  void ask() {
    bench.hub.ask(table);
    bench.settle();
  }
  Lines take() { return bench.subscriber->take(); }

  Recording recording;
  HubBench bench;
  std::string table;
};

electric::ShapeOptions full(const std::string& table) {
  electric::ShapeOptions options = shape_of(table);
  options.parameters = {{"replica", "full"}};
  return options;
}

TEST(Recording, EmptyTableIsKnownAtItsFirstUpToDate) {
  Replay replay("01-snapshot-empty-table", "t01");
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=736:736 | "}));
  EXPECT_TRUE(replay.bench.metrics().up_to_date);
}

TEST(Recording, SnapshotOfThreeRowsIsOneReset) {
  Replay replay("02-snapshot-3-rows", "t02");
  EXPECT_EQ(replay.take(),
            Lines({"reset @0_inf writes=1 snapshot=743:743 | 1:one 2:two* 3:three"}));
  EXPECT_EQ(replay.bench.take_statuses(), Lines({"live"}));
}

TEST(Recording, LiveInsertUpdateDelete) {
  Replay replay("03-live-longpoll-insert-update-delete", "t03");
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=750:750 | 1:one 2:two 3:three",
                                  "@26657232_0 txids=750 proven=26550296 | 4:four",
                                  "@26657480_0 txids=751 proven=26657232 | 4:four*",
                                  "@26657624_0 txids=752 proven=26657480 | -4"}));
  EXPECT_EQ(replay.bench.last_query(),
            "cursor=66925664&handle=13074682-1795356053521411&live=true&offset=26657624_0&"
            "table=t03");
}

TEST(Recording, PollThatTimesOutProvesTheLsnReportedBefore) {
  Replay replay("04-live-longpoll-timeout-up-to-date", "t04");
  EXPECT_EQ(replay.take(),
            Lines({"reset @0_inf snapshot=908:908 | 1:one", "@0_inf proven=27412120 | "}));
}

TEST(Recording, TransactionsOfSeveralOperations) {
  Replay replay("05-transaction-multi-op", "t05");
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=760:760 | 1:one 2:two",
                                  "@26730976_6 txids=760 proven=26657624 | 3:three 4:four 1:uno -2",
                                  "@26731920_2 txids=761 proven=26730976 | 5:five 6:six",
                                  "@26732656_8 txids=762 proven=26731920 | 7:v3"}));
  replay.ask();
  EXPECT_EQ(replay.take(),
            Lines({"@26733368_2 txids=763,764 proven=26732656 | 8:EIGHT 9:nine 10:ten",
                   "@26733832_0 txids=765 proven=26733368 | 12:twelve"}));
}

TEST(Recording, UpdatesOfSingleColumnsBecomeWholeRows) {
  Replay replay("07-replica-default-update-delete", "t07d");
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=775:775 | 1:one 2:two",
                                  "@26760376_0 txids=775 proven=26734024 | 1:one*",
                                  "@26760576_0 txids=776 writes=1 proven=26760376 | 1:uno*",
                                  "@26760776_0 txids=777 proven=26760576 | 1:uno*",
                                  "@26760920_0 txids=778 proven=26760776 | -1",
                                  "@26761128_0 txids=779 proven=26760920 | 3:three"}));
}

TEST(Recording, FullReplicaGivesTheSameRows) {
  Replay replay("07-replica-full-update-delete", full("t07f"));
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=786:786 | 1:one 2:two",
                                  "@26784976_0 txids=786 proven=26761128 | 1:one*",
                                  "@26785176_0 txids=787 writes=1 proven=26784976 | 1:uno*",
                                  "@26785376_0 txids=788 proven=26785176 | 1:uno*",
                                  "@26785520_0 txids=789 proven=26785376 | -1",
                                  "@26785728_0 txids=790 proven=26785520 | 3:three"}));
}

TEST(Recording, ValuesAreTheSameFromSnapshotAndLog) {
  Replay replay("13-column-types", "t13w");
  replay.ask();
  const auto& batches = replay.bench.subscriber->batches();
  ASSERT_EQ(batches.size(), 2U);
  const TableSchema& schema = *batches[0]->table;
  const std::uint32_t id = *schema.find("id");
  std::size_t compared = 0;
  for (const Change& logged : batches[1]->changes) {
    for (const Change& snapped : batches[0]->changes) {
      if ("10" + std::string(snapped.row->cell(id).text) != logged.row->cell(id).text) continue;
      for (std::uint32_t column = 0; column < schema.columns.size(); ++column) {
        if (column == id) continue;
        EXPECT_EQ(snapped.row->cell(column), logged.row->cell(column))
            << schema.columns[column].name;
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 5 * (schema.columns.size() - 1));
}

TEST(Recording, PrimaryKeyUpdateMovesTheRow) {
  Replay partial("14-primary-key-update-replica-default", "t14d");
  EXPECT_EQ(partial.take(), Lines({"reset @0_inf snapshot=849:849 | 1:one 2:two",
                                   "@26985336_1 txids=849 proven=26886120 | -1 100:one",
                                   "@26985592_1 txids=850 proven=26985336 | -2 200:zwei"}));
  Replay whole("14-primary-key-update-replica-full", full("t14f"));
  EXPECT_EQ(whole.take(), Lines({"reset @0_inf snapshot=857:857 | 1:one 2:two",
                                 "@27016632_1 txids=857 proven=26985592 | -1 100:one",
                                 "@27016888_1 txids=858 proven=27016632 | -2 200:zwei"}));
}

TEST(Recording, TruncateIsOneResetWithoutAnEmptyMoment) {
  Replay replay("15-truncate", "t15");
  EXPECT_EQ(replay.take(),
            Lines({"reset @0_inf snapshot=864:864 | 1:one", "reset @0_inf snapshot=869:869 | "}));
  EXPECT_EQ(replay.bench.take_statuses(), Lines({"live", "connecting", "live"}));
}

TEST(Recording, SchemaChangeComesWithItsReset) {
  Replay replay("22-schema-change", "t22");
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=959:959 | 1:one",
                                  "reset @0_inf snapshot=965:965 | 1:one 2:two",
                                  "reset @0_inf snapshot=971:971 | 1:one 2:two 3:three",
                                  "reset @0_inf snapshot=977:977 | 1:one 2:two 3:three 4:four",
                                  "@0_inf proven=27721248 | "}));
  const auto& batches = replay.bench.subscriber->batches();
  EXPECT_FALSE(batches[0]->table->find("extra"));
  EXPECT_TRUE(batches[1]->table->find("extra"));
  EXPECT_EQ(batches[0]->table, batches[2]->table) << "equal schemas are kept once";
  EXPECT_EQ(batches[3]->table->columns[3].type, "varchar");
  EXPECT_EQ(replay.bench.last_query(),
            "cache-buster=*&expired_handle=30407005-1795356239474661&offset=-1&table=t22");
}

TEST(Recording, ChunksOfASnapshotAndOfALogAreOneBatch) {
  Replay replay("23-chunks-snapshot-and-log", "t23");
  replay.ask();
  const auto& batches = replay.bench.subscriber->batches();
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_TRUE(batches[0]->reset);
  EXPECT_EQ(batches[0]->changes.size(), 12U);
  EXPECT_EQ(batches[0]->evidence.snapshot->xmax, 1163U);
  EXPECT_EQ(batches[1]->changes.size(), 15U);
  EXPECT_EQ(batches[1]->offset, "28655368_0");
}

TEST(Recording, ValueLeftOutOfAnUpdateIsKept) {
  Replay replay("24-toast-unchanged-large-value", "t24");
  replay.ask();
  const StreamBatch& batch = replay.bench.subscriber->last();
  EXPECT_EQ(batch.changes[0].row->cell(*batch.table->find("small")).text, "t");
  const Row& before = *replay.bench.subscriber->batches()[0]->changes[0].row;
  const auto big = *batch.table->find("big");
  EXPECT_EQ(batch.changes[0].row->cell(big), before.cell(big));
  EXPECT_GT(before.cell(big).text.size(), 1000U);
}

TEST(Recording, CursorIsEchoedOnLongPolls) {
  Replay replay("25-cursor-semantics", "t25");
  Lines cursors;
  for (const auto& exchange : replay.bench.http.exchanges()) {
    const auto parameters = net::parse_query(query_of(exchange.request.url));
    const std::string* cursor = net::find_parameter(parameters, "cursor");
    if (cursor != nullptr) cursors.push_back(*cursor);
  }
  EXPECT_EQ(cursors, Lines({"66924280", "66926025", "66927756", "66929628", "66932264", "66924280",
                            "66924280"}));
}

TEST(Recording, TransactionInProgressIsInTheSnapshotOrInTheLog) {
  Replay waited("26-snapshot-with-transaction-in-progress", "t26");
  EXPECT_EQ(waited.take(), Lines({"reset @0_inf snapshot=1027:1027 | 1:one 2:two 3:three"}));

  electric::ShapeOptions filtered = shape_of("t26");
  filtered.where = "true";
  Replay open("26-snapshot-with-transaction-in-progress", filtered);
  open.ask();
  EXPECT_EQ(open.take(), Lines({"reset @0_inf snapshot=1027:1029:1027 | 1:one 2:two 3:three 5:five",
                                "@27933672_0 txids=1027 proven=27933624 | 4:four"}));
}

TEST(Recording, ServerRestartLosesNothing) {
  Replay replay("27-server-restart", "t27b");
  EXPECT_EQ(replay.bench.take_statuses(), Lines({"live", "retrying: The connection was reset."}));
  replay.bench.advance(seconds(1));
  EXPECT_EQ(replay.take(),
            Lines({"reset @0_inf snapshot=1805:1805 | 1:one",
                   "@100809784_0 txids=1805 proven=100786352 | 2:two",
                   "@101676752_0 txids=1809 proven=100809784 | 3:made while Electric was down"}));
  EXPECT_EQ(replay.bench.take_statuses(), Lines({"live"}));
}

TEST(Recording, DatabaseDownIsWaitedFor) {
  Replay replay("28-database-down", "t28");
  EXPECT_EQ(replay.bench.take_statuses(),
            Lines({"live",
                   "retrying: The shape endpoint answered 503 for the table t28: Timeout "
                   "waiting for Postgres lock acquisition"}));
  const std::size_t sent = replay.bench.http.sent();
  replay.bench.advance(std::chrono::milliseconds(4'999));
  EXPECT_EQ(replay.bench.http.sent(), sent) << "not sooner than Retry-After";
  replay.bench.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(replay.take(), Lines({"reset @0_inf snapshot=1194:1194 | 1:one",
                                  "@28757000_0 txids=1194 proven=28709705 | 2:two"}));
}

}  // namespace
}  // namespace patchbay::test
