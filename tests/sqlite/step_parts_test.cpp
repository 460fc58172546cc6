// The parts that the steps over a store are made of, each alone: fold, local intake, transaction,
// rows of the stream, ends of writes.
#include <algorithm>

#include "ended_writes.hpp"
#include "local_intake.hpp"
#include "sqlite/plain_rows.hpp"
#include "step_transaction.hpp"
#include "stream_rows.hpp"
#include "support/pattern_driver.hpp"
#include "view_fold.hpp"

namespace patchbay::test {
namespace {

class StepParts : public StoreTest {
 protected:
  StepParts() {
    host.backend_time = 100;
    EXPECT_TRUE(store_->write([this] {
      finals_.prepare();
      stream_rows_.prepare(items_schema());
    }));
    calls_.calls.clear();
  }

  void in_step(const std::function<void()>& work) {
    const auto done = store_->write(work);
    EXPECT_TRUE(done) << done.error().message;
  }
  /// The effects of a step, or "error <code>: <message>".
  std::string run(const std::function<void(sqlite::Step&)>& work) {
    auto step = transaction_.run("batch.before_commit", "batch.committed", work);
    if (!step) {
      return "error " + std::string(to_string(step.error().code)) + ": " + step.error().message;
    }
    FakeEffects effects;
    step->tell(effects);
    return effects.take();
  }
  void add(std::uint32_t number, std::vector<Operation> operations) {
    in_step([&] {
      tables_.journal.add({sim::write_id(number), 0, std::move(operations)}, 7, false);
    });
  }
  /// Another program inserts a row, as the triggers of a pattern would log it.
  void others_insert(const std::string& id, const std::string& title) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .exec("INSERT INTO patchbay_log (tbl, kind, new) VALUES ('items', 'any', '[\"" + id +
              "\",\"''" + title + "''\"]')");
  }
  /// Another program inserts the rows `from` to `to` in two transactions.
  void others_insert_many(int from, int to) {
    SQLite::Database other(file().string(), SQLite::OPEN_READWRITE);
    const auto insert = [&](int first, int last) {
      other.exec("WITH RECURSIVE n(i) AS (SELECT " + std::to_string(first) +
                 " UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(last) +
                 ") INSERT INTO patchbay_log (tbl, kind, new)"
                 " SELECT 'items', 'any', json_array('' || i, '=tea') FROM n");
    };
    insert(from, from);
    insert(from + 1, to);
  }
  [[nodiscard]] static Operation move_item(std::string_view from, std::string_view to) {
    return {OperationKind::update, item_key(from),
            make_row(items_schema(), {Cell::of(to), Cell{}})};
  }

  PlainRowsLog calls_;
  std::unique_ptr<sqlite::Store> store_ = opened();
  StoreTables tables_{*store_, host};
  sqlite::FinalMemory finals_{*store_};
  sqlite::LocalLog log_{*store_, host};
  PlainRows rows_{*store_, host, tables_.synced, calls_};
  sqlite::FoundEarly early_{*store_};
  sqlite::ViewFold view_{host, tables_.synced, tables_.journal, rows_};
  sqlite::LocalIntake intake_{host, log_, tables_.journal, rows_, early_};
  sqlite::StepTransaction transaction_{*store_, view_, intake_};
  sqlite::StreamRows stream_rows_{host, *store_, tables_.synced, rows_};
  sqlite::EndedWrites ended_{tables_.journal, finals_};
};

TEST_F(StepParts, FoldAddsTheRowsThatMovesConnect) {
  in_step([this] { rows_.apply(items_schema(), BatchSource{}.now(item("1", "milk")).changes); });
  add(1, {move_item("1", "2"), update_item("2", "oat")});
  in_step([this] {
    std::string folded;
    for (const FoldedRow& row : view_.fold({{row_name(*item_key("1")), item_key("1")}})) {
      const RowRef shown = view_.shown(row);
      folded += sim::print(*row.row.key) + (shown ? "=" + sim::print(*shown) : " gone") + ", ";
    }
    EXPECT_EQ(folded, "1:- gone, 2:-=2:oat, ");
  });
}

TEST_F(StepParts, FoldLeavesOutRowsOfTablesThatTheStoreDoesNotHave) {
  const TableSchema& other = rows::intern_schema({"other", {{"id", "int8", 0, true}}, {0}});
  const RowRef key = make_row(other, {Cell::of("1")});
  in_step([&] { EXPECT_TRUE(view_.fold({{row_name(*key), key}}).empty()); });
}

TEST_F(StepParts, TransactionTakesWhatOthersWroteFirst) {
  others_insert("5", "tea");
  EXPECT_EQ(run([this](sqlite::Step&) {
              tables_.journal.add({sim::write_id(1), 0, {insert_item("6", "jam")}}, 7, false);
            }),
            "send 1000, changed 5:tea");
  in_step([this] {
    const auto unfinished = tables_.journal.unfinished();
    ASSERT_EQ(unfinished.size(), 2U);
    EXPECT_EQ(unfinished[0].write.id, sim::write_id(1000));
    EXPECT_EQ(unfinished[0].sent_after_s, 100);
    EXPECT_TRUE(log_.is_empty());
  });
}

/// Statements and steps grow with what was found; how long one transaction holds the file does not.
TEST_F(StepParts, TransactionCommitsWhatOthersWroteInPartsAndTellsAllOfThem) {
  for (const int found : {2'500, 5'000}) {
    others_insert_many(found, 2 * found - 1);
    SQLite::Database reader(file().string(), SQLite::OPEN_READONLY);
    const auto left = [&] {
      return static_cast<std::size_t>(
          reader.execAndGet("SELECT count(*) FROM patchbay_log").getInt());
    };
    std::size_t seen_by_work = 0;
    const std::string effects = run([&](sqlite::Step&) { seen_by_work = left(); });
    EXPECT_LE(seen_by_work, 1'000U) << "all but the last part was committed before";
    EXPECT_GT(seen_by_work, 0U);
    EXPECT_EQ(left(), 0U);
    const auto sends = static_cast<std::size_t>((found + 999) / 1'000);
    std::size_t told = 0;
    for (std::size_t at = effects.find("send "); at != std::string::npos; ++told) {
      at = effects.find("send ", at + 1);
    }
    EXPECT_EQ(told, sends);
    EXPECT_EQ(static_cast<int>(std::ranges::count(effects, ':')), found);
  }
}

TEST_F(StepParts, TransactionTellsWhatWasCommittedBeforeItFailed) {
  others_insert_many(1, 1'001);
  EXPECT_EQ(run([](sqlite::Step&) {
              throw sqlite::Refused{{ErrorCode::retry, "again"}};
            }),
            "error retry: again");
  EXPECT_TRUE(transaction_.has_untold());
  const std::string effects = run([](sqlite::Step&) {});
  EXPECT_TRUE(effects.starts_with("send 1000, send ")) << effects.substr(0, 40);
  EXPECT_EQ(std::ranges::count(effects, ':'), 1'001);
  EXPECT_FALSE(transaction_.has_untold());
}

TEST_F(StepParts, TransactionLeavesTheLogAsItWasWhereItFails) {
  others_insert("5", "tea");
  EXPECT_EQ(run([](sqlite::Step&) {
              throw sqlite::Refused{{ErrorCode::retry, "again"}};
            }),
            "error retry: again");
  in_step([this] {
    EXPECT_FALSE(log_.is_empty());
    EXPECT_TRUE(tables_.journal.unfinished().empty());
  });
}

TEST_F(StepParts, StreamRowsStageAResetBesideTheLiveRows) {
  BatchSource source;
  source.reset = true;
  const Batch reset = source.now(item("2", "eggs")).now(item("1", "milk")).batch();
  const auto changes = stream_rows_.changes_columns(items_schema());
  ASSERT_TRUE(changes);
  EXPECT_FALSE(*changes);
  EXPECT_TRUE(stream_rows_.fill(reset));
  EXPECT_EQ(calls_.calls, (std::vector<std::string>{"begin", "stage 2"}));
  in_step([&] {
    EXPECT_FALSE(rows_.synced({row_name(*item_key("1")), item_key("1")}));
    stream_rows_.switch_to_stage(reset);
    EXPECT_TRUE(rows_.synced({row_name(*item_key("1")), item_key("1")}));
    EXPECT_EQ(tables_.synced.all()[0].handle, "h1");
  });
}

TEST_F(StepParts, StreamRowsKnowATableWithOtherColumns) {
  const TableSchema& wider = rows::intern_schema(
      {"items", {{"id", "int8", 0, true}, {"title", "text"}, {"note", "text"}}, {0}});
  const auto changes = stream_rows_.changes_columns(wider);
  ASSERT_TRUE(changes);
  EXPECT_TRUE(*changes);
  in_step([&] {
    EXPECT_TRUE(stream_rows_.prepare(wider));
    EXPECT_FALSE(stream_rows_.prepare(wider));
    EXPECT_EQ(tables_.synced.find_schema("items"), &wider);
  });
}

TEST_F(StepParts, EndedWritesKeepTheIdOfAWholeWriteAlone) {
  add(1, {insert_item("1", "a"), insert_item("2", "b")});
  add(2, {insert_item("3", "c")});
  BatchSource source;
  const Batch batch = source.settles(1, 1, false).settles(2).batch();
  in_step([&] {
    EXPECT_EQ(ended_.settle(batch.settled).size(), 2U);
    EXPECT_TRUE(tables_.journal.contains(sim::write_id(1)));
    EXPECT_FALSE(finals_.recall(sim::write_id(1)).write);
    EXPECT_FALSE(tables_.journal.contains(sim::write_id(2)));
    const auto final_write = finals_.recall(sim::write_id(2)).write;
    ASSERT_TRUE(final_write);
    EXPECT_FALSE(final_write->discarded);
    EXPECT_TRUE(ended_.end(sim::write_id(9), true).empty()) << "nobody knows it";
    EXPECT_FALSE(finals_.recall(sim::write_id(9)).write);
  });
}

}  // namespace
}  // namespace patchbay::test
