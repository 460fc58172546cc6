// Hello: the smallest complete write pattern, to copy from. It shows what the server has, sends
// each write on, answers the app when the server has decided, and greets in the log.
//
// A pattern is a step function: the host calls it with an event, it changes its own state and
// appends to `Effects` what the host shall do. It has no thread, socket, timer or clock.
#include <patchbay/kit/query_match.hpp>
#include <patchbay/plugin.hpp>
#include <ranges>
#include <string>
#include <unordered_map>

namespace {

using namespace patchbay;

class HelloPattern final : public Pattern {
 public:
  // The constructor does nothing; start is where a pattern may read its settings and its disk.
  // Texts that the host hands out as views are copied when they are kept.
  Result<void> start(Host& host, const Succession*, Effects&) override {
    host_ = &host;
    greeting_ = host.setting("greeting").value_or("Hello");
    host.log(LogLevel::info, greeting_ + ", I am " + std::string(host.instance()) + ".");
    return {};
  }

  // The predecessor's unfinished writes: the host keeps sending them and keeps the rejected ones.
  // A pattern that shows or stores writes takes them into its own state here; this one has none.
  Result<void> adopt(const Handover& handover, Effects&) override {
    const auto count = std::to_string(handover.unfinished.size());
    host_->log(LogLevel::info, greeting_ + " to the " + count + " writes I take over.");
    return {};
  }

  // What the server has now, a whole batch at a time. Keeping a row keeps a reference to memory of
  // the host, not a copy. `batch.settled` matters to patterns that show writes early; not here.
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    Rows& rows = tables_[batch.table.name];
    if (batch.reset) rows.clear();  // the changes are all rows there are
    for (const Change& change : batch.changes) {
      if (change.gone) {
        rows.erase(key_text(*change.row));
      } else {
        rows.insert_or_assign(key_text(*change.row), change.row);
      }
      if (!batch.reset) announce(change, effects);
    }
    if (batch.reset) {
      effects.table_changed(batch.table);
      host_->log(LogLevel::info, greeting_ + " to the " + std::to_string(rows.size()) +
                                     " rows of " + batch.table.name + ".");
    }
    return {};
  }

  // The app waits until `accept` or `reject`; this pattern accepts only what the server has.
  // No give-up time: the host retries until the write is delivered.
  Result<void> on_write(const Write& write, Effects& effects) override {
    effects.send(write, SendOptions{});
    return {};
  }

  // The server's word. A refusal is told to the app by the host, which also keeps the reason.
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    if (outcome.kind == OutcomeKind::acknowledged) effects.accept(outcome.write);
    return {};
  }

  // Filter, order and limit of a query over rows in memory come with the SDK.
  Result<void> read(const Query& query, RowSink& sink) override {
    const auto table = tables_.find(query.table->name);
    if (table != tables_.end()) answer(query, table->second | std::views::values, sink);
    return {};
  }

 private:
  using Rows = std::unordered_map<std::string, RowRef>;

  static void announce(const Change& change, Effects& effects) {
    if (change.gone) {
      effects.row_gone(change.row);
    } else {
      effects.row_changed(change.row);
    }
  }

  Host* host_ = nullptr;
  std::string greeting_;
  std::unordered_map<std::string, Rows> tables_;
};

}  // namespace

// The one symbol of the module. No traits: nothing is kept, nothing is shown early.
PATCHBAY_PLUGIN(HelloPattern, "hello", "1.0.0", "Shows the server's rows, sends writes, greets.",
                0);
