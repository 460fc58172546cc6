// BrokenPattern: the pattern that `patchbay new-plugin` writes, which is right, behind steps that
// each module of this folder breaks in one way. Events -> here -> the right pattern.
#pragma once

#include <map>
#include <patchbay/plugin.hpp>
#include <span>
#include <vector>

#include "my_pattern.hpp"

namespace broken {

using namespace patchbay;

class BrokenPattern : public Pattern {
 public:
  Result<void> start(Host& host, const Succession* succession, Effects& effects) override {
    host_ = &host;
    return right_.start(host, succession, effects);
  }
  Result<void> adopt(const Handover& handover, Effects& effects) override {
    for (const UnfinishedWrite& one : handover.unfinished) held_.emplace(one.write.id, one.write);
    return right_.adopt(handover, effects);
  }
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    auto result = right_.on_batch(batch, effects);
    for (const Settlement& one : batch.settled) {
      if (one.confirmed) held_.erase(one.write);
    }
    return result;
  }
  Result<void> on_write(const Write& write, Effects& effects) override {
    held_.emplace(write.id, write);
    return right_.on_write(write, effects);
  }
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    if (outcome.kind != OutcomeKind::acknowledged) held_.erase(outcome.write);
    return right_.on_outcome(outcome, effects);
  }
  Result<void> on_divided(const Division& division, Effects& effects) override {
    held_.erase(division.write.id);
    for (const UnfinishedWrite& part : division.parts) held_.emplace(part.write.id, part.write);
    return right_.on_divided(division, effects);
  }
  Result<void> read(const Query& query, RowSink& sink) override { return right_.read(query, sink); }

 protected:
  /// The view forgets a write, as if the server had refused it.
  Result<void> forget(const Write& write, Effects& effects) {
    return right_.on_outcome({OutcomeKind::rejected, write.id, write.sequence, false, {}}, effects);
  }

  Host* host_ = nullptr;
  my_pattern::MyPattern right_;
  std::map<WriteId, Write> held_;  ///< Accepted writes that have not ended.
};

/// Passes effects on; a module changes some.
class PassedEffects : public Effects {
 public:
  explicit PassedEffects(Effects& to) : to_(to) {}
  void accept(const WriteId& write) override { to_.accept(write); }
  void send(const Write& write, const SendOptions& options) override { to_.send(write, options); }
  void reject(const WriteId& write, const Error& why) override { to_.reject(write, why); }
  void restore_rejected(const RejectedWrite& write) override { to_.restore_rejected(write); }
  void row_changed(const RowRef& row) override { to_.row_changed(row); }
  void row_gone(const RowRef& row) override { to_.row_gone(row); }
  void table_changed(const TableSchema& table) override { to_.table_changed(table); }

 protected:
  Effects& to_;
};

}  // namespace broken
