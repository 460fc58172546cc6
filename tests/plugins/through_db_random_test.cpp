// Random SQL of another program, random verdicts and changes of the server, restarts: whatever
// happens, the table shows the server's rows with the unfinished writes over them, in order. The
// expectation is made from the writes that were sent, by a model of its own. A failure prints the
// seed and all that was done.
#include <map>
#include <optional>
#include <random>

#include "through_db_fixture.hpp"

namespace patchbay::test {
namespace {

/// Rows of items: id → title as SQL prints it.
using Rows = std::map<std::int64_t, std::string>;

std::string print_rows(const Rows& rows) {
  std::string all;
  for (const auto& [id, title] : rows) {
    all += (all.empty() ? "" : "  ") + std::to_string(id) + ":" + title;
  }
  return all;
}

std::string title_of(const Row& row) {
  return print(row.cell(1));
}

void apply(Rows& rows, const Operation& operation) {
  const std::int64_t id = std::stoll(std::string(operation.key->cell(0).text));
  const auto found = rows.find(id);
  if (operation.kind == OperationKind::remove) {
    rows.erase(id);
    return;
  }
  const bool sets_title = !operation.set->cell(1).is_absent();
  if (operation.kind == OperationKind::insert) {
    if (found == rows.end()) rows[id] = "null";
    if (sets_title) rows[id] = title_of(*operation.set);
    return;
  }
  if (found == rows.end()) return;
  std::string title = sets_title ? title_of(*operation.set) : found->second;
  const Cell moved = operation.set->cell(0);
  if (moved.is_text()) rows.erase(found);
  rows[moved.is_text() ? std::stoll(std::string(moved.text)) : id] = std::move(title);
}

/// A statement that may fail: what it leaves counts.
class Statements {
 public:
  explicit Statements(std::mt19937& random) : random_(random) {}

  std::string next() {
    const std::string either = orelse();
    switch (pick(18)) {
      case 0:
        return "INSERT " + either + "INTO items VALUES (" + id() + ", " + title() + ")";
      case 1:
        return "INSERT " + either + "INTO items VALUES (" + id() + ", " + title() + "), (" + id() +
               ", " + title() + ")";
      case 2:
        return "REPLACE INTO items (id) VALUES (" + id() + "), (" + id() + ")";
      case 3:
        return "UPDATE " + either + "items SET title = " + title() + " WHERE id <= " + id();
      case 4:
        return "UPDATE " + either + "items SET id = " + id() + " WHERE id = " + id();
      case 5:
        return "UPDATE " + either + "items SET id = id + 1 WHERE id >= " + id();
      case 6:
        return "UPDATE " + either + "items SET id = 9 - id, title = title || 'q'";
      case 7:
        return "UPDATE items SET title = title, id = id";
      case 8:
        return "DELETE FROM items WHERE id = " + id();
      case 9:
        return pick(4) == 0 ? "DELETE FROM items" : "DELETE FROM items WHERE id > 6";
      case 10:
        return "INSERT " + either + "INTO items SELECT id + 1, title || 's' FROM items";
      case 11:
        return "INSERT " + either + "INTO items VALUES (" + id() + ", " + title() +
               ") ON CONFLICT (id) DO UPDATE SET title = excluded.title || 'u'";
      case 12:
        return "INSERT INTO items VALUES (" + id() + ", " + title() +
               ") ON CONFLICT (id) DO UPDATE SET id = " + id();
      case 13:
        return "INSERT INTO items VALUES (" + id() + ", 'x') ON CONFLICT DO NOTHING";
      case 14:
        return "INSERT " + either + "INTO items VALUES (" + (pick(2) == 0 ? "NULL" : "'abc'") +
               ", 'x')";
      case 15:
        return "SAVEPOINT s";
      case 16:
        return "ROLLBACK TO s";
      default:
        return "RELEASE s";
    }
  }

  std::uint32_t pick(std::uint32_t choices) {
    return static_cast<std::uint32_t>(random_() % choices);
  }
  std::string id() { return std::to_string(1 + pick(8)); }
  std::string title() {
    return pick(5) == 0 ? "NULL" : "'" + std::string(1, static_cast<char>('a' + pick(26))) + "'";
  }

 private:
  std::string orelse() {
    constexpr std::array<const char*, 8> kAll{
        "",         "",          "OR IGNORE ",  "OR REPLACE ", "OR REPLACE ",
        "OR FAIL ", "OR ABORT ", "OR ROLLBACK "};
    return kAll.at(pick(kAll.size()));
  }

  std::mt19937& random_;
};

class ThroughDbRandom : public ThroughDbFixture, public testing::WithParamInterface<bool> {
 protected:
  void play(std::uint32_t seed) {
    random_.seed(seed);
    done_ = "seed " + std::to_string(seed);
    unfinished_.clear();
    taken_ = 0;
    start_again();
    for (int round = 0; round < 12 && !HasFailure(); ++round) {
      program_writes();
      if (chance(5)) restart();
      look_now();
      if (chance(2)) server_decides();
      if (chance(3)) others_write();
      if (chance(8)) reset();
    }
    while (!unfinished_.empty() && !HasFailure()) server_decides();
    EXPECT_EQ(bases(), "") << done_;
  }

  void start_again() {
    close();
    other_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(host_.directory)) {
      std::filesystem::remove(entry);
    }
    host_.settings["synchronous"] = "normal";
    server_ = {{1, "a"}, {2, "b"}, {3, "c"}, {4, "null"}};
    ASSERT_EQ(open(), "");
    ASSERT_EQ(driver_->batch(all_rows()), "table items");
    sql("PRAGMA synchronous = off");
    sql(std::string("PRAGMA recursive_triggers = ") + (GetParam() ? "on" : "off"));
  }

  void program_writes() {
    const bool together = chance(2);
    if (together) run("BEGIN");
    for (std::uint32_t count = 1 + statements_.pick(6); count > 0; --count) run(statements_.next());
    // A savepoint may be open though no transaction was begun.
    if (sqlite_in_transaction()) run(chance(6) ? "ROLLBACK" : "COMMIT");
  }
  bool sqlite_in_transaction() { return sql("BEGIN") != "" || sql("ROLLBACK") != ""; }

  void look_now() {
    driver_->local_change();
    check("look");
  }

  void restart() {
    note("restart");
    open();
    // All that is unfinished is sent again, and what was written meanwhile behind it.
    std::vector<Write> again(driver_->effects.sent);
    ASSERT_GE(again.size(), unfinished_.size()) << done_;
    for (std::size_t at = 0; at < unfinished_.size(); ++at) {
      ASSERT_EQ(print(again[at].id), print(unfinished_[at].id)) << done_;
    }
    taken_ = unfinished_.size();
    check("restart");
  }

  /// The first write is settled, or any is refused.
  void server_decides() {
    if (unfinished_.empty()) return;
    if (chance(2)) {
      const std::size_t at = statements_.pick(static_cast<std::uint32_t>(unfinished_.size()));
      const Write refused = unfinished_[at];
      note("refuse " + print(refused.id));
      unfinished_.erase(unfinished_.begin() + static_cast<std::ptrdiff_t>(at));
      if (is_divisible(refused)) return divide_at(at, refused);
      driver_->rejected(number(refused.id));
      return check("refuse");
    }
    const Write first = unfinished_.front();
    note("settle " + print(first.id));
    unfinished_.erase(unfinished_.begin());
    const Rows before = server_;
    for (const Operation& one : first.operations) apply(server_, one);
    BatchSource echo = difference(before);
    echo.settles(number(first.id), static_cast<std::uint32_t>(first.operations.size()));
    driver_->batch(echo);
    check("settle");
  }

  bool is_divisible(const Write& write) const {
    const auto& sent = driver_->effects.sent;
    const auto found = std::ranges::find(sent, write.id, &Write::id);
    if (found == sent.end()) return false;  // a part
    const auto index = static_cast<std::size_t>(found - sent.begin());
    return driver_->effects.send_options.at(index).divisible && divide(write).size() > 1;
  }
  void divide_at(std::size_t at, const Write& whole) {
    note("divide " + print(whole.id));
    const std::uint32_t first = parts_;
    std::vector<Write> parts;
    for (const UnfinishedWrite& one : PatternDriver::parts_of(whole, first)) {
      parts.push_back(one.write);
    }
    parts_ += static_cast<std::uint32_t>(parts.size());
    unfinished_.insert(unfinished_.begin() + static_cast<std::ptrdiff_t>(at), parts.begin(),
                       parts.end());
    driver_->divided(whole, first);
    check("divide");
  }

  void others_write() {
    const Rows before = server_;
    const std::int64_t id = std::stoll(statements_.id());
    note("others " + std::to_string(id));
    if (chance(3)) {
      server_.erase(id);
    } else {
      server_[id] = "theirs" + std::to_string(random_() % 100);
    }
    driver_->batch(difference(before));
    check("others");
  }

  void reset() {
    note("reset");
    if (chance(2)) server_.erase(2);
    driver_->batch(all_rows());
    check("reset");
  }

  BatchSource all_rows() {
    BatchSource all;
    all.reset = true;
    for (const auto& [id, title] : server_) all.now(row(id, title));
    return all;
  }
  BatchSource difference(const Rows& before) {
    BatchSource batch;
    for (const auto& [id, title] : before) {
      if (!server_.contains(id)) batch.gone(row(id, title));
    }
    for (const auto& [id, title] : server_) {
      const auto old = before.find(id);
      if (old == before.end() || old->second != title) batch.now(row(id, title));
    }
    return batch;
  }
  static RowRef row(std::int64_t id, const std::string& title) {
    return make_row(items_schema(), {Cell::of(std::to_string(id)),
                                     title == "null" ? Cell::null() : Cell::of(title)});
  }

  /// Adds what was sent since the last look as unfinished, then compares the table and the model.
  void check(const std::string& step) {
    for (; taken_ < driver_->effects.sent.size(); ++taken_) {
      const Write& sent = driver_->effects.sent[taken_];
      unfinished_.push_back(sent);
      note("sent " + print(sent.id) + " " + print(sent));
    }
    Rows expected = server_;
    for (const Write& write : unfinished_) {
      for (const Operation& one : write.operations) apply(expected, one);
    }
    ASSERT_EQ(rows(), print_rows(expected)) << "after " << step << ": " << done_;
    ASSERT_EQ(driver_->view(), print_rows(expected)) << "after " << step << ": " << done_;
    if (unfinished_.empty()) {
      ASSERT_EQ(bases(), "") << done_;
    }
  }

  void run(const std::string& text) {
    const std::string failed = sql(text);
    note(text + (failed.empty() ? "" : " -- " + failed));
  }
  void note(const std::string& what) { done_ += "\n  " + what; }
  bool chance(std::uint32_t one_in) { return statements_.pick(one_in) == 0; }
  static std::uint32_t number(const WriteId& id) {
    return static_cast<std::uint32_t>(std::stoul(print(id)));
  }

  std::mt19937 random_;
  Statements statements_{random_};
  Rows server_;
  std::vector<Write> unfinished_;
  std::uint32_t parts_ = 100'000;  ///< The number of the next part of a divided write.
  std::size_t taken_ = 0;
  std::string done_;
};

INSTANTIATE_TEST_SUITE_P(RecursiveTriggers, ThroughDbRandom, testing::Bool());

TEST_P(ThroughDbRandom, ShowsTheServersRowsWithTheUnfinishedWritesOverThem) {
  const std::uint32_t seeds = std::getenv("PATCHBAY_LONG") == nullptr ? 25 : 400;
  for (std::uint32_t seed = 1; seed <= seeds && !HasFailure(); ++seed) play(seed);
}

}  // namespace
}  // namespace patchbay::test
