#include "online_pattern.hpp"

#include <charconv>
#include <patchbay/kit/query_match.hpp>
#include <ranges>
#include <string>

namespace patchbay::online {

Result<void> OnlinePattern::start(Host& host, const Succession*, Effects&) {
  const auto setting = host.setting("retry_deadline_ms");
  if (!setting) return {};
  std::int64_t milliseconds = 0;
  const auto [end, failed] =
      std::from_chars(setting->data(), setting->data() + setting->size(), milliseconds);
  if (failed != std::errc{} || end != setting->data() + setting->size() || milliseconds < 1) {
    return failure(ErrorCode::rejected, "The setting retry_deadline_ms is \"" +
                                            std::string(*setting) +
                                            "\"; give a whole number of milliseconds, 1 or more.");
  }
  retry_deadline_ = std::chrono::milliseconds(milliseconds);
  return {};
}

Result<void> OnlinePattern::adopt(const Handover&, Effects&) {
  return {};  // the host keeps sending inherited writes, without a deadline
}

Result<void> OnlinePattern::on_batch(const Batch& batch, Effects& effects) {
  synced_.apply(batch);
  if (batch.reset) {
    effects.table_changed(batch.table);
    return {};
  }
  for (const Change& change : batch.changes) {
    if (change.gone) {
      effects.row_gone(change.row);
    } else {
      effects.row_changed(change.row);
    }
  }
  return {};
}

Result<void> OnlinePattern::on_write(const Write& write, Effects& effects) {
  SendOptions options;
  options.give_up_after = retry_deadline_;
  effects.send(write, options);
  return {};
}

Result<void> OnlinePattern::on_outcome(const Outcome& outcome, Effects& effects) {
  if (outcome.kind == OutcomeKind::acknowledged) effects.accept(outcome.write);
  return {};
}

Result<void> OnlinePattern::read(const Query& query, RowSink& sink) {
  if (query.key) {
    const RowRef row = synced_.find(query.table->name, key_text(*query.key));
    if (row && matches(query, *row)) sink.row(row);
    return {};
  }
  answer(query, synced_.table(query.table->name) | std::views::values, sink);
  return {};
}

}  // namespace patchbay::online
