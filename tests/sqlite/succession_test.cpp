// A SQLite pattern takes the place of another: of one with another store, whose writes replace what
// its own held; or of one with the same store, which passes at the cut and is whole whatever fails.
#include "sqlite/plain_rows.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

using sqlite::SqlitePattern;

/// One pattern with a host of its own, in the test's directory.
struct Instance {
  Instance(const std::filesystem::path& directory, bool successor, const Succession& succession) {
    host.directory = directory.string();
    host.tables["items"] = &items_schema();
    host.backend_time = 100;
    host.successor = successor;
    host.succession = succession;
  }

  FakeHost host;
  PlainRowsLog calls;
  std::unique_ptr<SqlitePattern> pattern = std::make_unique<SqlitePattern>(plain_parts(calls));
  PatternDriver driver{*pattern, host};
};

class SqliteSuccession : public StoreTest {
 protected:
  std::unique_ptr<Instance> begin(bool successor, const Succession& succession = {}) {
    auto one = std::make_unique<Instance>(directory, successor, succession);
    one->host.next_write_id = next_write_id_ += 100;
    start_ = one->driver.start();
    return one;
  }
  /// Starts as the successor of the same plugin.
  std::unique_ptr<Instance> begin_same() { return begin(true, {nullptr, true}); }
  /// Starts as the one that runs: with rows, and two writes of which one is refused.
  std::unique_ptr<Instance> old() {
    auto one = begin(false);
    EXPECT_EQ(one->driver.reset({item("1", "milk"), item("2", "eggs")}), "table items");
    static_cast<void>(one->driver.write(1, {update_item("1", "oat")}));
    static_cast<void>(one->driver.write(2, {insert_item("3", "tea")}));
    EXPECT_EQ(one->driver.rejected(2, "no tea"), "gone 3:-");
    return one;
  }
  /// Another program sets item 2, as the triggers of a pattern would log it.
  void others_set_2(const std::string& from, const std::string& to) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE)
        .exec(
            "INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('items', 'any', '[\"2\",\"''" +
            from + "''\"]', '[\"2\",\"''" + to + "''\"]')");
  }
  /// The handover of `old()`, as the host makes it.
  Handover handover(const OwnState* state) {
    unfinished_ = {{{sim::write_id(1), 1, {update_item("1", "oat")}}, {}, 77}};
    rejected_ = {{{sim::write_id(2), 2, {insert_item("3", "tea")}}, {}}};
    rejected_.front().rejection.message = "no tea";
    return {unfinished_, rejected_, state};
  }

  std::string start_;
  std::uint32_t next_write_id_ = 1'000;
  std::vector<UnfinishedWrite> unfinished_;
  std::vector<RejectedWrite> rejected_;
};

TEST_F(SqliteSuccession, ReplacesTheWritesOfAnEarlierTime) {
  old();
  auto next = begin(true);
  EXPECT_EQ(start_, "") << "what the store held was handed over long ago";
  EXPECT_EQ(next->host.resumed, std::vector<std::string>{"items h1 0_0"});
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(7), 7, {update_item("2", "ham")}}, {}, 50}};
  EXPECT_EQ(next->driver.adopt({unfinished, {}, nullptr}), "changed 1:milk, changed 2:ham");
  EXPECT_EQ(next->driver.view(), "1:milk  2:ham");
  next.reset();
  next = begin(false);
  EXPECT_EQ(start_, "send 7");
  EXPECT_EQ(next->driver.effects.send_options.at(0).sent_after_s, 50);
}

TEST_F(SqliteSuccession, HasTheWritesBeforeTheCutAndAdoptsWhatDiffers) {
  old();
  const Operation milk = update_item("1", "soy");
  std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(4), 4, {update_item("2", "ham")}}, {}, 0},
      {{sim::write_id(5), 5, {milk, remove_item("2")}}, {}, 0},
      {{sim::write_id(6), 6, {update_item("1", "rye")}}, {}, 0},
      {{sim::write_id(7), 7, {insert_item("5", "jam")}}, {}, 0}};
  std::vector<RejectedWrite> rejected(2);
  rejected[0].write = {sim::write_id(8), 8, {insert_item("8", "fig")}};
  rejected[1].write = {sim::write_id(9), 9, {insert_item("9", "nut")}};
  const Handover so_far{unfinished, rejected, nullptr};
  auto next = begin(true, {&so_far, false});
  EXPECT_EQ(next->driver.view(), "1:rye  5:jam");
  EXPECT_EQ(next->driver.batch(BatchSource{}.now(item("1", "tea")).now(item("6", "gin"))),
            "changed 6:gin");
  // 4 is confirmed, 5 sent and half settled, 6 has got a new place, 7 is rejected, 9 discarded.
  unfinished = {{{sim::write_id(5), 5, {milk, remove_item("2")}}, {1}, 70},
                {{sim::write_id(10), 10, {insert_item("7", "sake")}}, {}, 0},
                {{sim::write_id(6), 11, {update_item("1", "oat")}}, {}, 0}};
  rejected[1].write = {sim::write_id(7), 7, {insert_item("5", "jam")}};
  EXPECT_EQ(next->driver.adopt({unfinished, rejected, nullptr}),
            "changed 1:oat, changed 2:eggs, changed 7:sake");
  EXPECT_EQ(
      SQLite::Database(file().string()).execAndGet("SELECT min(id) FROM patchbay_journal").getInt(),
      2)
      << "5 is where it was";
  EXPECT_EQ(next->driver.view(), "1:oat  2:eggs  6:gin  7:sake");
  next.reset();
  next = begin(false);
  EXPECT_EQ(start_, "restore 8: , restore 7: , send 5, send 10, send 6");
  EXPECT_EQ(next->driver.effects.send_options.at(0).sent_after_s, 70);
  EXPECT_EQ(next->driver.view(), "1:oat  2:eggs  6:gin  7:sake");
}

TEST_F(SqliteSuccession, KeepsWhatOtherProgramsWroteBeforeTheCut) {
  old();
  others_set_2("eggs", "ham");
  auto first = begin(true);  // finds it, and is given up before it adopts
  first.reset();
  auto next = begin(true);
  others_set_2("ham", "jam");
  EXPECT_EQ(next->driver.batch(BatchSource{}.now(item("4", "tea"))),
            "send 1300, changed 4:tea, changed 2:jam")
      << "the host drops these effects";
  EXPECT_EQ(next->driver.adopt(handover(nullptr)),
            "send 1200, send 1300, changed 1:oat, changed 2:jam")
      << "of the store's own writes the first is handed over again";
  EXPECT_EQ(next->driver.view(), "1:oat  2:jam  4:tea");
  next.reset();
  next = begin(false);
  EXPECT_EQ(start_, "restore 2: no tea, send 1, send 1200, send 1300");
}

TEST_F(SqliteSuccession, WritesOfOtherProgramsComeBehindThoseTakenSoFar) {
  old();
  others_set_2("eggs", "ham");
  const Handover before = handover(nullptr);
  auto next = begin(true, {&before, false});
  EXPECT_EQ(next->driver.view(), "1:oat  2:ham");
  next.reset();  // given up
  next = begin(true, {&before, false});
  auto now = unfinished_;
  now.push_back({{sim::write_id(3), 3, {update_item("2", "rye")}}, {}, 0});
  EXPECT_EQ(next->driver.adopt({now, rejected_, nullptr}), "send 1200, changed 2:ham");
  next.reset();
  next = begin(false);
  EXPECT_EQ(start_, "restore 2: no tea, send 1, send 3, send 1200");
}

TEST_F(SqliteSuccession, KeepsWhatOtherProgramsWroteWhereItIsGivenUpBehindAdopt) {
  old();
  others_set_2("eggs", "ham");
  auto first = begin(true);
  others_set_2("ham", "jam");
  EXPECT_EQ(first->driver.adopt(handover(nullptr)),
            "send 1200, send 1201, changed 1:oat, "
            "changed 2:jam");
  first.reset();  // its host could not store that it has the writes
  auto next = begin(true);
  EXPECT_EQ(next->driver.adopt(handover(nullptr)),
            "send 1200, send 1201, changed 1:oat, changed 2:jam");
  EXPECT_EQ(next->driver.write(3, {remove_item("1")}), "accept 3, send 3, gone 1:-");
  next.reset();  // another pattern ends them
  next = begin(true);
  EXPECT_EQ(next->driver.adopt({{}, {}, nullptr}), "changed 1:milk, changed 2:eggs");
}

TEST_F(SqliteSuccession, LeavesTheStoreOfItsPredecessorAloneThoughThatHasFailed) {
  auto before = old();
  static_cast<void>(before->driver.write(3, {update_item("2", "ham")}));  // told nobody, say
  before.reset();
  const Handover so_far = handover(nullptr);
  begin(true, {&so_far, true}).reset();  // given up
  auto next = begin(true, {&so_far, true});
  EXPECT_EQ(next->driver.adopt(so_far), "send 3");
}

TEST_F(SqliteSuccession, SaysWhatOtherProgramsWroteAndCannotBeSent) {
  old();
  others_set_2("eggs", "ham");
  others_set_2("ham", "'' || x");
  begin(true).reset();  // given up
  auto next = begin(true);
  const std::string adopted = next->driver.adopt(handover(nullptr));
  EXPECT_TRUE(adopted.starts_with("restore 1200: The local change ")) << adopted;
  EXPECT_EQ(next->driver.view(), "1:oat  2:eggs");
  next.reset();
  next = begin(false);
  EXPECT_NE(start_.find("restore 1200: "), std::string::npos) << start_;
}

TEST_F(SqliteSuccession, TakesTheStoreOfItsPredecessorAtTheCut) {
  auto before = old();
  auto next = begin_same();
  EXPECT_EQ(start_, "");
  EXPECT_EQ(next->driver.reset({item("9", "x")}), "") << "the store has the rows";
  others_set_2("eggs", "ham");
  auto state = before->pattern->own_state();
  ASSERT_TRUE(state);
  EXPECT_EQ(next->driver.adopt(handover(&*state)), "send 1200, changed 2:ham");
  EXPECT_EQ(next->host.resumed, std::vector<std::string>{"items h1 0_0"});
  before.reset();
  state->lease.reset();
  EXPECT_FALSE(open()) << "the lease has passed without a moment between";
  EXPECT_EQ(next->driver.write(3, {update_item("1", "soy")}), "accept 3, send 3, changed 1:soy");
  next.reset();
  next = begin(false);
  EXPECT_EQ(start_, "restore 2: no tea, send 1, send 1200, send 3");
  EXPECT_EQ(next->driver.view(), "1:soy  2:ham");
}

TEST_F(SqliteSuccession, LeavesTheStoreAsItWasWhereItCannotAdopt) {
  auto before = old();
  for (const std::string where : {"look", "local"}) {
    auto next = begin_same();
    next->calls.fail_in = where;
    others_set_2("eggs", "ham");
    const auto state = before->pattern->own_state();
    EXPECT_TRUE(next->driver.adopt(handover(&*state)).starts_with("error retry: ")) << where;
    next.reset();
    EXPECT_EQ(before->driver.local_change().substr(0, 5), "send ") << "it is not lost";
    EXPECT_EQ(before->driver.write(3, {remove_item("1")}), "accept 3, send 3, gone 1:-");
    EXPECT_EQ(before->driver.rejected(3), "changed 1:oat");
    EXPECT_EQ(before->driver.discarded(3), "");
    EXPECT_FALSE(open()) << "it has its lease";
  }
}

TEST_F(SqliteSuccession, TakesUpWhatAFailedPredecessorHasLeft) {
  auto before = old();
  static_cast<void>(before->driver.write(3, {update_item("2", "ham")}));  // told nobody, say
  auto next = begin_same();
  before.reset();  // the host lets go of a pattern that has failed
  EXPECT_EQ(next->driver.adopt(handover(nullptr)), "send 3");
  EXPECT_EQ(next->driver.view(), "1:oat  2:ham");
}

TEST_F(SqliteSuccession, IsRefusedAStoreThatAnotherProcessHas) {
  auto other = old();
  auto next = begin_same();
  EXPECT_EQ(start_, "");
  const std::string refused = next->driver.adopt(handover(nullptr));
  EXPECT_NE(refused.find("is in use by another process"), std::string::npos) << refused;
  auto lease = take_file_lease(directory / "another.db");
  ASSERT_TRUE(lease);
  const OwnState foreign{0, {}, *lease};
  EXPECT_TRUE(next->driver.adopt(handover(&foreign)).starts_with("error rejected: The lease that "))
      << "of another file";
}

}  // namespace
}  // namespace patchbay::test
