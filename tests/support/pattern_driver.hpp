// PatternDriver: calls one pattern as the host would and answers with printed effects, so that a
// test reads as a dialogue: `EXPECT_EQ(driver.write(1, {insert_item("1", "milk")}), "accept 1,
// …")`. For the tests of patterns, in memory or loaded; the pattern is the caller's. No threads.
#pragma once

#include <algorithm>
#include <patchbay/pattern.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_host.hpp"
#include "write/write_division.hpp"

namespace patchbay::test {

/// Collects the rows of an answer; says "enough" after `rows_max`.
class PrintingSink final : public RowSink {
 public:
  explicit PrintingSink(std::size_t rows_max = SIZE_MAX) : rows_max_(rows_max) {}
  bool row(const RowRef& row) override {
    rows.push_back(row);
    return rows.size() < rows_max_;
  }
  /// "1:milk  2:eggs"
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const RowRef& row : rows) all += (all.empty() ? "" : "  ") + sim::print(*row);
    return all;
  }

  std::vector<RowRef> rows;

 private:
  std::size_t rows_max_;
};

/// A batch being put together; `batch()` is valid as long as this object.
struct BatchSource {
  std::vector<Change> changes;
  std::vector<Settlement> settled;
  bool reset = false;
  const TableSchema* table = &items_schema();
  std::string handle = "h1";
  std::string offset = "0_0";
  std::vector<std::vector<std::uint32_t>> operations;  ///< Behind `settled`.

  /// Whole rows as they are now.
  BatchSource& now(const RowRef& row) {
    changes.push_back({row, false});
    return *this;
  }
  /// A row as it last was.
  BatchSource& gone(const RowRef& row) {
    changes.push_back({row, true});
    return *this;
  }
  /// The operations 0 … count-1 of a write leave the overlay.
  BatchSource& settles(std::uint32_t number, std::uint32_t count = 1, bool confirmed = true) {
    std::vector<std::uint32_t> indices(count);
    for (std::uint32_t at = 0; at < count; ++at) indices[at] = at;
    operations.push_back(std::move(indices));
    settled.push_back({sim::write_id(number), number, {}, confirmed});
    return *this;
  }
  [[nodiscard]] Batch batch() {
    for (std::size_t at = 0; at < settled.size(); ++at) settled[at].operations = operations[at];
    return {*table, reset, changes, settled, {handle, offset}};
  }
};

class PatternDriver {
 public:
  PatternDriver(Pattern& pattern, FakeHost& host) : pattern_(pattern), host_(host) {}

  /// Each of these answers the effects, or "error <code>: <message>"; the effects of a failed step
  /// are dropped, as the host does.
  std::string start() {
    return printed(pattern_.start(host_, host_.successor ? &host_.succession : nullptr, effects));
  }
  std::string adopt(const Handover& handover) { return printed(pattern_.adopt(handover, effects)); }
  std::string write(std::uint32_t number, std::vector<Operation> operations) {
    return printed(
        pattern_.on_write({sim::write_id(number), number, std::move(operations)}, effects));
  }
  std::string batch(BatchSource source) {
    return printed(pattern_.on_batch(source.batch(), effects));
  }
  /// A reset batch: these are all rows.
  std::string reset(const std::vector<RowRef>& rows) {
    BatchSource source;
    source.reset = true;
    for (const RowRef& row : rows) source.now(row);
    return batch(std::move(source));
  }
  std::string acknowledged(std::uint32_t number, bool confirmed = false) {
    return printed(pattern_.on_outcome(
        {OutcomeKind::acknowledged, sim::write_id(number), number, confirmed, {}}, effects));
  }
  std::string rejected(std::uint32_t number, std::string why = "no") {
    Outcome outcome{OutcomeKind::rejected, sim::write_id(number), number, false, {}};
    outcome.rejection.status = 409;
    outcome.rejection.message = std::move(why);
    return printed(pattern_.on_outcome(outcome, effects));
  }
  /// The parts of a write as the host makes them, with the numbers from `first` on.
  static std::vector<UnfinishedWrite> parts_of(const Write& whole, std::uint32_t first) {
    std::vector<UnfinishedWrite> parts;
    for (Write& part : divide(whole)) {
      part.id = sim::write_id(first++);
      parts.push_back({std::move(part), {}, 0, false});
    }
    return parts;
  }
  std::string divided(const Write& whole, std::uint32_t first) {
    const std::vector<UnfinishedWrite> parts = parts_of(whole, first);
    return printed(pattern_.on_divided({whole, parts}, effects));
  }
  std::string discarded(std::uint32_t number) {
    return printed(pattern_.on_outcome(
        {OutcomeKind::discarded, sim::write_id(number), number, false, {}}, effects));
  }
  /// The effects, then "found" or "nothing".
  std::string local_change() {
    const auto found = pattern_.on_local_change(effects);
    if (!found) return printed(tl::unexpected(found.error()));
    const std::string text = effects.take();
    return text + (text.empty() ? "" : ", ") + (*found ? "found" : "nothing");
  }
  /// The view's rows in the query's order: "1:milk  2:eggs".
  std::string view(Query query = {}) {
    if (query.table == nullptr) query.table = &items_schema();
    PrintingSink sink;
    const auto read = pattern_.read(query, sink);
    return read ? sink.text() : printed(read);
  }

  FakeEffects effects;

 private:
  std::string printed(const Result<void>& result) {
    std::string text = effects.take();
    if (result) return text;
    return "error " + std::string(to_string(result.error().code)) + ": " + result.error().message;
  }

  Pattern& pattern_;
  FakeHost& host_;
};

}  // namespace patchbay::test
