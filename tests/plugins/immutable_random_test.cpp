// The immutable pattern beside the optimistic one, which keeps everything in memory: after random
// steps, writes by SQL and restarts, every reader sees the same.
#include <random>

#include "immutable/immutable_pattern.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "plugins/durable_fixture.hpp"
#include "plugins/sample_values.hpp"

namespace patchbay::test {
namespace {

const TableSchema& things() {
  return rows::intern_schema({"things",
                              {{"a", "text", 0, false},
                               {"b", "int4", 0, false},
                               {"done", "bool", 0, false},
                               {"id", "int8", 0, true}},
                              {3}});
}

class ImmutableRandom : public DurableFixture<immutable::ImmutablePattern> {
 protected:
  ImmutableRandom() : DurableFixture("immutable.db") { knows(things()); }

  /// Both patterns take the same step. What the durable one sends of its own goes to the other.
  void step() {
    switch (pick(random_, 10)) {
      case 0:
      case 1:
      case 2:
        return app_writes();
      case 3:
      case 4:
      case 5:
        return program_writes();
      case 6:
      case 7:
        return stream(false);
      case 8:
        return end_one();
      default:
        return pick(random_, 3) == 0 ? stream(true) : restart();
    }
  }

  void begin(unsigned seed) {
    random_.seed(seed);
    ASSERT_EQ(open(), "");
    ASSERT_EQ(memory_driver_.start(), "");
    stream(true);
  }

  void compare() {
    Query query;
    query.table = &things();
    const std::string expected = memory_driver_.view(query);
    ASSERT_EQ(driver_->view(query), expected) << steps_;
    ASSERT_EQ(shown(), expected) << steps_;
    query.order = {{static_cast<std::uint32_t>(pick(random_, 4)), pick(random_, 2) == 0}};
    query.limit = 3;
    query.after = row_of(id(), true);
    ASSERT_EQ(driver_->view(query), memory_driver_.view(query)) << steps_;
  }

  std::mt19937 random_;
  std::string steps_;

 private:
  [[nodiscard]] std::string id() { return std::to_string(pick(random_, 6)); }
  [[nodiscard]] Cell some(const SampleTexts& texts) {
    return pick(random_, 4) == 0 ? Cell::null() : Cell::of(texts[pick(random_, texts.size())]);
  }
  /// A row; when not whole, some columns are absent.
  [[nodiscard]] RowRef row_of(const std::string& key, bool whole) {
    static const SampleTexts kTexts{"x", "y", "it's"};
    static const SampleTexts kNumbers{"1", "22", "-3"};
    static const SampleTexts kTruth{"true", "false"};
    std::vector<Cell> cells{some(kTexts), some(kNumbers), some(kTruth), Cell::of(key)};
    for (std::size_t at = 0; !whole && at < 3; ++at) {
      if (pick(random_, 2) == 0) cells[at] = Cell{};
    }
    return make_row(things(), cells);
  }
  [[nodiscard]] static RowRef key_row(const std::string& key) {
    return make_row(things(), {Cell{}, Cell{}, Cell{}, Cell::of(key)});
  }

  [[nodiscard]] Operation operation() {
    const std::string key = id();
    const RowRef set = row_of(pick(random_, 3) == 0 ? id() : key, false);
    switch (pick(random_, 3)) {
      case 0:
        return {OperationKind::insert, key_row(key), row_of(key, false)};
      case 1:
        return {OperationKind::remove, key_row(key), {}};
      default:
        return {OperationKind::update, key_row(key), set};
    }
  }

  void app_writes() {
    const std::uint32_t number = host_.next_write_id++;
    std::vector<Operation> operations;
    for (std::size_t left = 1 + pick(random_, 3); left > 0; --left) {
      operations.push_back(operation());
    }
    steps_ += "\nwrite " + std::to_string(number);
    for (const Operation& one : operations) steps_ += "; " + in_words(one);
    driver_->write(number, operations);
    tell_memory();
  }

  [[nodiscard]] std::string statement() {
    const std::string key = id();
    switch (pick(random_, 6)) {
      case 0:
        return "DELETE FROM things WHERE id = " + key;
      case 1:
        return "UPDATE things SET id = " + id() + ", a = 'moved' WHERE id = " + key;
      case 2:
        return "UPDATE things SET a = 'y', b = NULL WHERE done OR id = " + key;
      case 3:
        return "UPDATE things SET done = NOT done, b = 22 WHERE id < " + key;
      default:
        return "INSERT INTO things(id, a, done) VALUES (" + key + ", 'new', " +
               (pick(random_, 2) == 0 ? "NULL)" : "TRUE)");
    }
  }

  void program_writes() {
    for (std::size_t left = 1 + pick(random_, 3); left > 0; --left) {
      const std::string text = statement();
      steps_ += "\nsql " + text + " " + sql(text);
    }
    const std::string before = shown();
    if (pick(random_, 4) == 0) {
      restart();
    } else {
      look();
    }
    tell_memory();
    EXPECT_EQ(shown(), before) << "a writer saw something else than the fold" << steps_;
  }

  void stream(bool reset) {
    BatchSource source;
    source.reset = reset;
    source.table = &things();
    for (std::uint32_t key = 0; key < 6; ++key) {
      if (pick(random_, 2) == 0) continue;
      const RowRef row = row_of(std::to_string(key), true);
      if (reset || pick(random_, 3) > 0) {
        source.now(row);
        steps_ += "\nnow " + print(*row);
      } else {
        source.gone(row);
        steps_ += "\ngone " + print(*row);
      }
    }
    if (reset) steps_ += "\nreset";
    while (!open_.empty() && pick(random_, 3) == 0) {
      source.settles(open_.front().first, open_.front().second);
      steps_ += "\nsettles " + std::to_string(open_.front().first);
      open_.erase(open_.begin());
    }
    driver_->batch(source);
    memory_driver_.batch(source);
  }

  void end_one() {
    if (open_.empty()) return;
    const std::size_t at = pick(random_, open_.size());
    const std::uint32_t number = open_[at].first;
    if (pick(random_, 3) == 0) {
      driver_->acknowledged(number);
      memory_driver_.acknowledged(number);
      return;
    }
    steps_ += "\nrejected " + std::to_string(number);
    driver_->rejected(number);
    memory_driver_.rejected(number);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
    // Pieces come before what is behind: the pattern in memory, which knows none, gets that again.
    const std::vector later(open_.begin() + static_cast<std::ptrdiff_t>(at), open_.end());
    open_.resize(at);
    for (const auto& [one, operations] : later) memory_driver_.rejected(one);
    tell_memory();
    for (const auto& [one, operations] : later) memory_driver_.write(one, known_.at(one));
    open_.insert(open_.end(), later.begin(), later.end());
  }

  void restart() {
    steps_ += "\nrestart";
    close();
    open();
    tell_memory();  // what was unfinished is sent again; only what programs wrote is new
  }

  /// The writes that the durable pattern has sent since the last time.
  void tell_memory() {
    for (const Write& write : driver_->effects.sent) {
      const auto number = static_cast<std::uint32_t>(std::stoul(print(write.id)));
      if (!known_.emplace(number, write.operations).second) continue;
      memory_driver_.write(number, write.operations);
      open_.emplace_back(number, static_cast<std::uint32_t>(write.operations.size()));
    }
  }

  std::string shown() {
    std::string all;
    SQLite::Statement statement(
        other(),
        "SELECT id, a, b, iif(done, 'true', iif(done IS NULL, NULL, 'false')) FROM things "
        "ORDER BY id");
    while (statement.executeStep()) {
      all += (all.empty() ? "" : "  ") + statement.getColumn(0).getString() + ":";
      for (int column = 1; column < 4; ++column) {
        const SQLite::Column cell = statement.getColumn(column);
        all += (column > 1 ? "," : "") + (cell.isNull() ? "null" : cell.getString());
      }
    }
    return all;
  }

  optimistic::OptimisticPattern memory_;
  PatternDriver memory_driver_{memory_, host_};
  std::map<std::uint32_t, std::vector<Operation>> known_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open_;  ///< Number and operations.
};

class ImmutableRandomSeeds : public ImmutableRandom,
                             public testing::WithParamInterface<unsigned> {};

TEST_P(ImmutableRandomSeeds, ShowsWhatThePatternInMemoryShows) {
  begin(GetParam());
  for (int at = 0; at < 80; ++at) {
    step();
    compare();
    if (HasFailure()) return;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, ImmutableRandomSeeds, testing::Range(1U, 9U));

}  // namespace
}  // namespace patchbay::test
