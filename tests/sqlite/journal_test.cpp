#include <sqlite3.h>

#include <random>

#include "sqlite/sqlite_fixture.hpp"
#include "write/write_division.hpp"

namespace patchbay::test {
namespace {

using sqlite::Journal;
using sqlite::KeptWrite;

std::string text(const Operation& operation) {
  const std::string set = operation.set ? sim::print(*operation.set) : "";
  switch (operation.kind) {
    case OperationKind::insert:
      return "insert " + set;
    case OperationKind::update:
      return "update " + sim::print(*operation.key) + " to " + set;
    case OperationKind::remove:
      break;
  }
  return "delete " + sim::print(*operation.key);
}

std::string text(const std::vector<Operation>& operations) {
  std::string all;
  for (const Operation& one : operations) all += (all.empty() ? "" : ", ") + text(one);
  return all;
}

std::string text(const std::vector<PlacedOperation>& operations) {
  std::string all;
  for (const PlacedOperation& one : operations) {
    all += (all.empty() ? "" : ", ") + std::to_string(one.place.write) + "." +
           std::to_string(one.place.index) + " " + text(one.operation);
  }
  return all;
}

std::string keys(const std::vector<TouchedRow>& rows) {
  std::string all;
  for (const TouchedRow& row : rows) {
    all += (all.empty() ? "" : " ") + std::string(row.key->cell(0).text);
  }
  return all;
}

Operation move_item(std::string_view from, std::string_view to) {
  return {OperationKind::update, item_key(from), make_row(items_schema(), {Cell::of(to), Cell{}})};
}

class JournalTest : public StoreTest {
 protected:
  JournalTest() : store_(opened()), tables_(*store_, host), journal_(tables_.journal) {}

  void add(std::uint32_t number, std::vector<Operation> operations, std::int64_t sent_after_s = 0) {
    journal_.add({sim::write_id(number), 0, std::move(operations)}, sent_after_s, false);
  }
  /// Runs `work` in a transaction that must not fail.
  void in_step(const std::function<void()>& work) {
    const auto done = store_->write(work);
    EXPECT_TRUE(done) << done.error().message;
  }
  [[nodiscard]] std::string on_row(std::string_view id) {
    return text(journal_.operations(row_name(*item_key(id))));
  }
  [[nodiscard]] std::string unfinished() {
    std::string all;
    for (const KeptWrite& kept : journal_.unfinished()) {
      all += sim::print(kept.write.id) + "@" + std::to_string(kept.sent_after_s) + ": " +
             text(kept.write.operations) + "\n";
    }
    return all;
  }

  std::unique_ptr<sqlite::Store> store_;
  StoreTables tables_;
  Journal& journal_;
};

TEST_F(JournalTest, KeepsWritesInLocalOrderAsTheyWere) {
  in_step([&] {
    add(9, {insert_item("1", "milk"), update_item("2", "eggs"), remove_item("3")}, 50);
    add(4, {move_item("1", "5")});
  });
  in_step([&] {
    EXPECT_EQ(unfinished(),
              "9@50: insert 1:milk, update 2:- to -:eggs, delete 3:-\n"
              "4@0: update 1:- to 5:-\n");
    EXPECT_TRUE(journal_.contains(sim::write_id(4)));
    EXPECT_FALSE(journal_.contains(sim::write_id(5)));
    EXPECT_EQ(text(journal_.find(sim::write_id(4)).write.operations), "update 1:- to 5:-");
    EXPECT_TRUE(journal_.find(sim::write_id(5)).write.operations.empty());
  });
}

TEST_F(JournalTest, FindsTheUnsettledOperationsOfARow) {
  in_step([&] {
    add(1, {insert_item("1", "a"), insert_item("2", "b")});
    add(2, {update_item("1", "c")});
    add(3, {move_item("1", "2")});
    EXPECT_EQ(on_row("1"), "1.0 insert 1:a, 3.0 update 1:- to -:c, 4.0 update 1:- to 2:-");
    EXPECT_EQ(on_row("2"), "1.1 insert 2:b, 4.0 update 1:- to 2:-");
    EXPECT_EQ(on_row("3"), "");
    EXPECT_EQ(keys(journal_.covered("items")), "1 2");
    EXPECT_TRUE(journal_.covered("other").empty());
    EXPECT_EQ(keys(journal_.settle(sim::write_id(1), std::vector<std::uint32_t>{1})), "2");
    EXPECT_EQ(keys(journal_.settle(sim::write_id(1), std::vector<std::uint32_t>{1})), "")
        << "again";
    EXPECT_EQ(on_row("2"), "4.0 update 1:- to 2:-");
    EXPECT_EQ(keys(journal_.erase(sim::write_id(3))), "1 2");
    EXPECT_FALSE(journal_.covers(row_name(*item_key("2"))));
    EXPECT_TRUE(journal_.covers(row_name(*item_key("1"))));
  });
  in_step([&] {
    EXPECT_EQ(unfinished(), "1@0: insert 1:a, insert 2:b\n2@0: update 1:- to -:c\n")
        << "a settled operation is sent again with its write";
  });
}

/// All that the index in memory is asked for; another journal on the file reads it again.
std::string found_by(Journal& journal) {
  std::string all;
  for (const char* id : {"1", "2", "3"}) {
    const RowName row = row_name(*item_key(id));
    all += std::string(id) + (journal.covers(row) ? " covered: " : ": ") +
           text(journal.operations(row)) + "\n";
  }
  for (std::uint32_t number = 1; number <= 5; ++number) {
    if (journal.contains(sim::write_id(number))) all += std::to_string(number) + " ";
  }
  return all;
}

TEST_F(JournalTest, FindsInMemoryWhatTheFileSaysAlsoAfterAStepWasUndone) {
  in_step([&] {
    add(1, {insert_item("1", "a"), insert_item("2", "b")});
    add(2, {update_item("1", "c")});
    add(3, {move_item("1", "3")});
  });
  const std::string before = found_by(journal_);
  const auto undone = store_->write([&] {
    static_cast<void>(journal_.erase(sim::write_id(2)));
    add(4, {update_item("2", "d"), remove_item("3")});
    static_cast<void>(journal_.settle(sim::write_id(1), std::vector<std::uint32_t>{1}));
    static_cast<void>(journal_.reject(sim::write_id(3), {}));
    add(2, {insert_item("3", "e")});
    EXPECT_NE(found_by(journal_), before);
    EXPECT_EQ(found_by(journal_), [&] {
      StoreTables again(*store_, host);
      return found_by(again.journal);
    }());
    throw sqlite::Refused{{ErrorCode::retry, "again"}};
  });
  EXPECT_FALSE(undone);
  in_step([&] {
    EXPECT_EQ(found_by(journal_), before);
    static_cast<void>(journal_.erase(sim::write_id(1)));
    add(5, {update_item("2", "d")});
  });
  EXPECT_FALSE(store_->write([] { throw sqlite::Refused{{ErrorCode::retry, "of no one"}}; }));
  in_step([&] {
    StoreTables again(*store_, host);
    EXPECT_EQ(found_by(journal_), found_by(again.journal)) << "what was committed before stays";
  });
}

TEST_F(JournalTest, HasWhatItHadWhereClearingIsUndone) {
  in_step([&] {
    tables_.synced.set_schema(items_schema());
    add(1, {insert_item("1", "a"), insert_item("2", "b")});
    add(2, {update_item("1", "c")});
  });
  const std::string before = found_by(journal_);
  for (const bool undo : {true, false}) {
    const auto done = store_->write([&] {
      add(3, {remove_item("3")});
      journal_.clear();
      EXPECT_EQ(unfinished(), "");
      add(2, {update_item("2", "d")});
      if (undo) throw sqlite::Refused{{ErrorCode::retry, "again"}};
    });
    EXPECT_EQ(done.has_value(), !undo);
    if (undo) in_step([&] { EXPECT_EQ(found_by(journal_), before); });
  }
  in_step([&] {
    EXPECT_EQ(unfinished(), "2@0: update 2:- to -:d\n");
    StoreTables again(*store_, host);
    EXPECT_EQ(found_by(journal_), found_by(again.journal));
  });
}

TEST_F(JournalTest, RefusesAWriteItHas) {
  in_step([&] { add(1, {insert_item("1", "a")}); });
  EXPECT_FALSE(store_->write([&] { add(1, {insert_item("2", "b")}); }));
  in_step([&] { EXPECT_EQ(unfinished(), "1@0: insert 1:a\n"); });
}

/// Random writes, ends and undone steps; the index never differs from one read again.
TEST_F(JournalTest, KeepsItsIndexLikeTheFile) {
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  for (int step = 0; step < 300; ++step) {
    const bool undo = below(3) == 0;
    static_cast<void>(store_->write([&] {
      for (std::uint32_t change = 0; change < 3; ++change) {
        const std::uint32_t number = 1 + below(5);
        const std::string row = std::to_string(1 + below(3));
        if (!journal_.contains(sim::write_id(number))) {
          add(number, {update_item(row, "x"), move_item(row, "2"), remove_item("3")});
        } else if (below(2) == 0) {
          static_cast<void>(journal_.erase(sim::write_id(number)));
        } else if (below(3) == 0) {
          static_cast<void>(journal_.reject(sim::write_id(number), {}));
        } else {
          static_cast<void>(journal_.settle(sim::write_id(number), std::vector{below(3)}));
        }
      }
      if (undo) throw sqlite::Refused{{ErrorCode::retry, "again"}};
    }));
    in_step([&] {
      StoreTables again(*store_, host);
      ASSERT_EQ(found_by(journal_), found_by(again.journal)) << "in step " << step;
    });
  }
}

TEST_F(JournalTest, KeepsARejectedWriteAndItsReason) {
  const Rejection why{409, "taken", "23505", "items_title_key", "title", sim::write_id(7)};
  in_step([&] {
    add(1, {insert_item("1", "a"), insert_item("2", "b")});
    add(2, {update_item("1", "c")});
    EXPECT_EQ(keys(journal_.reject(sim::write_id(1), why)), "1 2");
    EXPECT_EQ(on_row("1"), "3.0 update 1:- to -:c");
    EXPECT_EQ(on_row("2"), "");
    EXPECT_EQ(unfinished(), "2@0: update 1:- to -:c\n");
    EXPECT_TRUE(journal_.contains(sim::write_id(1)));
    EXPECT_TRUE(journal_.find(sim::write_id(1)).write.operations.empty());
  });
  in_step([&] {
    const auto rejected = journal_.rejected();
    ASSERT_EQ(rejected.size(), 1U);
    EXPECT_EQ(text(rejected[0].write.operations), "insert 1:a, insert 2:b");
    EXPECT_EQ(rejected[0].rejection.status, 409);
    EXPECT_EQ(rejected[0].rejection.message, "taken");
    EXPECT_EQ(rejected[0].rejection.code, "23505");
    EXPECT_EQ(rejected[0].rejection.constraint, "items_title_key");
    EXPECT_EQ(rejected[0].rejection.column, "title");
    EXPECT_EQ(rejected[0].rejection.because_of, sim::write_id(7));
    EXPECT_TRUE(journal_.erase(sim::write_id(1)).empty());
    EXPECT_TRUE(journal_.rejected().empty());
  });
}

TEST_F(JournalTest, MarksOnlyWhatWasNeverSent) {
  in_step([&] {
    add(1, {insert_item("1", "a")});
    add(2, {insert_item("2", "b")}, 40);
    journal_.mark_sent(std::vector{sim::write_id(1), sim::write_id(2), sim::write_id(3)}, 90);
    EXPECT_EQ(unfinished(), "1@90: insert 1:a\n2@40: insert 2:b\n");
  });
}

TEST_F(JournalTest, SendsAWriteWithColumnsTheTableNoLongerHas) {
  const TableSchema& newer = rows::intern_schema({"items", {{"id", "int8", 0, true}}, {0}});
  in_step([&] {
    add(1, {insert_item("1", "milk")});
    tables_.synced.set_schema(newer);
  });
  in_step([&] {
    EXPECT_EQ(tables_.synced.find_schema("items"), &newer);
    EXPECT_EQ(unfinished(), "1@0: insert 1:milk\n");
    EXPECT_EQ(&journal_.unfinished()[0].write.operations[0].table(), &items_schema());
  });
}

TEST_F(JournalTest, RemembersNothingOfWhatWasUndone) {
  const TableSchema& other = rows::intern_schema({"other", {{"id", "int8", 0, true}}, {0}});
  const auto undone = store_->write([&] {
    tables_.synced.set_schema(items_schema());
    add(1, {insert_item("1", "a")});
    throw sqlite::Refused{{ErrorCode::retry, "again"}};
  });
  EXPECT_FALSE(undone);
  in_step([&] { tables_.synced.set_schema(other); });
  in_step([&] {
    tables_.synced.set_schema(items_schema());
    add(1, {insert_item("1", "a")});
    EXPECT_EQ(tables_.synced.find_schema("other"), &other);
    EXPECT_EQ(tables_.synced.find_schema("items"), &items_schema());
    EXPECT_EQ(unfinished(), "1@0: insert 1:a\n");
  });
}

TEST_F(JournalTest, ReadsManyUnfinishedWritesOnceAndOneRowsAlone) {
  std::uint32_t writes = 0;
  const auto add_to = [&](std::uint32_t count) {
    in_step([&] {
      for (; writes < count; ++writes) {
        add(writes + 1, {insert_item(std::to_string(writes), "some title of a usual length")});
      }
    });
  };
  const auto steps_of = [&](const std::function<void()>& work) {
    const std::int64_t before = machine_steps(*store_);
    in_step(work);
    return machine_steps(*store_) - before;
  };
  const auto steps_of_all = [&] {
    return steps_of([&] { EXPECT_EQ(journal_.unfinished().size(), writes); });
  };
  const auto steps_of_one = [&] { return steps_of([&] { EXPECT_NE(on_row("777"), ""); }); };
  add_to(2'000);
  const std::int64_t all = steps_of_all();
  const std::int64_t one = steps_of_one();
  EXPECT_LT(one * 100, all) << "one row's operations must not cost all writes";
  add_to(4'000);
  EXPECT_LE(steps_of_all() * 10, all * 22);
  EXPECT_LE(steps_of_one(), one + one / 10);
}

TEST_F(JournalTest, DividesWhereAPredecessorLeftAPartOrLacksTheWrite) {
  const Write whole{sim::write_id(1), 0, {insert_item("1", "a"), insert_item("2", "b")}};
  std::vector<UnfinishedWrite> parts{{{sim::write_id(11), 0, {insert_item("1", "a")}}, {}},
                                     {{sim::write_id(12), 0, {insert_item("2", "b")}}, {}}};
  in_step([&] {
    journal_.add(whole, 0, true);
    journal_.add(parts[1].write, 70, false);
  });
  in_step([&] { journal_.divide(whole.id, parts); });
  EXPECT_EQ(unfinished(), "11@0: insert 1:a\n12@70: insert 2:b\n");
  in_step([&] { journal_.divide(sim::write_id(9), parts); });
  EXPECT_EQ(unfinished(), "11@0: insert 1:a\n12@70: insert 2:b\n");
}

/// Counts the statements that a connection runs and the rows it reads.
class CountedSteps {
 public:
  explicit CountedSteps(sqlite3* database) : database_(database) {
    const auto count = [](unsigned, void* steps, void*, void*) {
      ++*static_cast<std::size_t*>(steps);
      return 0;
    };
    sqlite3_trace_v2(database_, SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, count, &steps_);
  }
  ~CountedSteps() { sqlite3_trace_v2(database_, 0, nullptr, nullptr); }
  CountedSteps(const CountedSteps&) = delete;
  CountedSteps& operator=(const CountedSteps&) = delete;

  [[nodiscard]] std::size_t count() const noexcept { return steps_; }

 private:
  sqlite3* database_;
  std::size_t steps_ = 0;
};

TEST_F(JournalTest, DividesAWriteAtACostThatGrowsWithItsOperations) {
  std::uint32_t number = 1;
  const auto cost_of = [&](std::size_t operations) {
    Write whole{sim::write_id(number++), 0, {}};
    for (std::size_t at = 0; at < operations; ++at) {
      whole.operations.push_back(insert_item(std::to_string(number * 10'000 + at), "x"));
    }
    in_step([&] { journal_.add(whole, 0, true); });
    std::vector<UnfinishedWrite> parts;
    for (Write& part : divide(whole)) parts.push_back({std::move(part), {}});
    EXPECT_EQ(parts.size(), operations);
    const CountedSteps steps(store_->database().getHandle());
    in_step([&] { journal_.divide(whole.id, parts); });
    return static_cast<double>(steps.count());
  };
  const double once = cost_of(200);
  EXPECT_LT(cost_of(400), 2.2 * once);
}

}  // namespace
}  // namespace patchbay::test
