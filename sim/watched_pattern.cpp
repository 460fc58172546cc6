#include "sim/watched_pattern.hpp"

#include <algorithm>

#include "sim/print.hpp"

namespace patchbay::sim {
namespace {

class AllRows final : public RowSink {
 public:
  bool row(const RowRef& row) override {
    rows.push_back(row);
    return true;
  }
  std::vector<RowRef> rows;
};

}  // namespace

RowRef Glimpse::find(const std::string& table, const std::string& key) const {
  const auto rows = tables.find(table);
  if (rows == tables.end()) return {};
  const auto found = std::ranges::find_if(
      rows->second, [&](const RowRef& row) { return print(*row).starts_with(key + ":"); });
  return found == rows->second.end() ? RowRef{} : *found;
}

Result<void> WatchedPattern::start(Host& host, const Succession* succession, Effects& effects) {
  host_ = &host;
  auto result = pattern_->start(host, succession, effects);
  if (result) look("start");
  return result;
}

Result<void> WatchedPattern::adopt(const Handover& handover, Effects& effects) {
  auto result = pattern_->adopt(handover, effects);
  shown_ = shown_ || result.has_value();
  if (result) look("adopt");
  return result;
}

Result<void> WatchedPattern::on_batch(const Batch& batch, Effects& effects) {
  auto result = pattern_->on_batch(batch, effects);
  if (result) look("on_batch of " + batch.table.name);
  return result;
}

Result<void> WatchedPattern::on_write(const Write& write, Effects& effects) {
  auto result = pattern_->on_write(write, effects);
  if (result) look("on_write");
  return result;
}

Result<void> WatchedPattern::on_outcome(const Outcome& outcome, Effects& effects) {
  auto result = pattern_->on_outcome(outcome, effects);
  const bool refused = outcome.kind == OutcomeKind::rejected;
  if (result) look(refused ? Glimpse::kRefusal : "on_outcome");
  return result;
}

Result<void> WatchedPattern::on_divided(const Division& division, Effects& effects) {
  auto result = pattern_->on_divided(division, effects);
  if (result) look("on_divided");
  return result;
}

Result<void> WatchedPattern::before_send(std::span<const WriteId> writes,
                                         std::int64_t sent_after_s) {
  auto result = pattern_->before_send(writes, sent_after_s);
  if (result) look("before_send");
  return result;
}

Result<bool> WatchedPattern::on_local_change(Effects& effects) {
  auto result = pattern_->on_local_change(effects);
  if (result && *result) look("on_local_change");
  return result;
}

Result<void> WatchedPattern::read(const Query& query, RowSink& sink) {
  return pattern_->read(query, sink);
}

/// Gives the watcher the view. A table that cannot be read now is left out: readers would get an
/// error, not wrong rows.
void WatchedPattern::look(const std::string& step) {
  if (!watcher_ || !shown_) return;
  Glimpse glimpse{step, {}};
  for (const std::string& table : tables_) {
    Query query;
    query.table = host_->table(table);
    if (query.table == nullptr) continue;
    AllRows all;
    if (pattern_->read(query, all)) glimpse.tables.emplace(table, std::move(all.rows));
  }
  watcher_(glimpse);
}

}  // namespace patchbay::sim
