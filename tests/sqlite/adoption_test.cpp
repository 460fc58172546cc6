// The effect of a handover on the writes in a journal, without a pattern around it.
#include "adoption.hpp"

#include "sqlite/plain_rows.hpp"

namespace patchbay::test {
namespace {

class AdoptionTest : public StoreTest {
 protected:
  AdoptionTest() {
    in_step([this](sqlite::Step&) {
      tables_.synced.set_schema(items_schema());
      rows_.prepare(items_schema(), nullptr);
    });
  }

  /// Runs `work` in a transaction that must not fail. Gives what the step tells.
  std::string in_step(const std::function<void(sqlite::Step&)>& work) {
    sqlite::Step step(view_);
    const auto done = store_->write([&] { work(step); });
    EXPECT_TRUE(done) << done.error().message;
    FakeEffects effects;
    step.tell(effects);
    return effects.take();
  }
  void add(std::uint32_t number, const Operation& operation) {
    in_step([&](sqlite::Step&) {
      tables_.journal.add({sim::write_id(number), 0, {operation}}, 7, false);
    });
  }
  /// A write of another program, found before the cut.
  void add_found(std::uint32_t number, const Operation& operation) {
    add(number, operation);
    in_step([&](sqlite::Step&) { early_.add(sim::write_id(number)); });
  }
  std::string replace(const Handover& handover) {
    return in_step([&](sqlite::Step& step) { adoption_.replace(handover, step); });
  }
  /// "1@7 2@0, rejected 3": what the journal has.
  [[nodiscard]] std::string writes() {
    std::string all;
    EXPECT_TRUE(store_->read([&] {
      for (const auto& one : tables_.journal.unfinished()) {
        all += (all.empty() ? "" : " ") + sim::print(one.write.id) + "@" +
               std::to_string(one.sent_after_s);
      }
      for (const auto& one : tables_.journal.rejected()) {
        all += ", rejected " + sim::print(one.write.id);
      }
    }));
    return all;
  }
  static UnfinishedWrite unfinished(std::uint32_t number, const Operation& operation,
                                    std::int64_t sent_after_s = 0) {
    return {{sim::write_id(number), number, {operation}}, {}, sent_after_s};
  }

  PlainRowsLog calls_;
  std::unique_ptr<sqlite::Store> store_ = opened();
  StoreTables tables_{*store_, host};
  PlainRows rows_{*store_, host, tables_.synced, calls_};
  sqlite::FoundEarly early_{*store_};
  sqlite::ViewFold view_{host, tables_.synced, tables_.journal, rows_};
  sqlite::Adoption adoption_{host, tables_.synced, tables_.journal, early_};
};

TEST_F(AdoptionTest, PutsTheHandoverInThePlaceOfAllThatWasThere) {
  add(1, insert_item("1", "old"));
  const std::vector<UnfinishedWrite> now{unfinished(2, insert_item("2", "new"), 50)};
  std::vector<RejectedWrite> refused(1);
  refused[0].write = {sim::write_id(3), 3, {insert_item("3", "bad")}};
  EXPECT_EQ(replace({now, refused, nullptr}), "changed 2:new");
  EXPECT_EQ(writes(), "2@50, rejected 3");
}

TEST_F(AdoptionTest, BringsWhatItTookBeforeUpToTheHandover) {
  const std::vector<UnfinishedWrite> before{unfinished(1, insert_item("1", "a")),
                                            unfinished(2, insert_item("2", "b")),
                                            unfinished(3, insert_item("3", "c"))};
  EXPECT_EQ(replace({before, {}, nullptr}), "changed 1:a, changed 2:b, changed 3:c");
  const std::vector<UnfinishedWrite> now{unfinished(2, insert_item("2", "b"), 60),
                                         unfinished(4, insert_item("4", "d"))};
  EXPECT_EQ(replace({now, {}, nullptr}), "changed 4:d");
  EXPECT_EQ(writes(), "2@60 4@0");
}

TEST_F(AdoptionTest, KeepsWhatWasFoundBehindWhatIsHandedOver) {
  add_found(8, insert_item("8", "x"));
  add_found(9, insert_item("9", "y"));
  add(1, insert_item("1", "old"));
  const std::vector<UnfinishedWrite> now{unfinished(2, insert_item("2", "b")),
                                         unfinished(8, insert_item("8", "x"))};
  EXPECT_EQ(replace({now, {}, nullptr}), "send 9, changed 2:b, changed 8:x, changed 9:y")
      << "8 has been handed on since";
  EXPECT_EQ(writes(), "2@0 8@0 9@7");
}

TEST_F(AdoptionTest, SendsWhatAFailedPredecessorToldNobody) {
  add(1, insert_item("1", "a"));
  add(2, insert_item("2", "b"));
  const std::vector<UnfinishedWrite> known{unfinished(1, insert_item("1", "a")),
                                           unfinished(3, insert_item("3", "c"))};
  const Handover handover{known, {}, nullptr};
  EXPECT_EQ(in_step([&](sqlite::Step& step) {
              adoption_.send_unknown(handover, step);
              step.fold(adoption_.add_missing(handover));
            }),
            "send 2, changed 3:c");
  EXPECT_EQ(writes(), "1@7 2@7 3@0");
}

}  // namespace
}  // namespace patchbay::test
