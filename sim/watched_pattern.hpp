// WatchedPattern: a pattern under proof, seen from outside: after each step that succeeded, a
// watcher gets the view as a reader would get it then. Runner -> this -> the pattern; no step is
// changed. Owned by the runner, on the pattern's strand.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <patchbay/pattern.hpp>
#include <string>
#include <vector>

#include "runtime/pattern_runner.hpp"

namespace patchbay::sim {

/// The view just after a step.
struct Glimpse {
  static constexpr const char* kRefusal = "on_outcome of a refusal";

  std::string step;  ///< "on_batch of items"
  std::map<std::string, std::vector<RowRef>> tables;

  /// The row whose key prints as `key`; null when the view shows none.
  [[nodiscard]] RowRef find(const std::string& table, const std::string& key) const;
};
using Watcher = std::function<void(const Glimpse&)>;

class WatchedPattern final : public Pattern {
 public:
  /// `shown` is false for a successor, which nobody reads before it has adopted.
  WatchedPattern(PatternOwner pattern, std::vector<std::string> tables, Watcher watcher, bool shown)
      : pattern_(std::move(pattern)),
        tables_(std::move(tables)),
        watcher_(std::move(watcher)),
        shown_(shown) {}

  Result<void> start(Host& host, const Succession* succession, Effects& effects) override;
  Result<void> adopt(const Handover& handover, Effects& effects) override;
  Result<void> on_batch(const Batch& batch, Effects& effects) override;
  Result<void> on_write(const Write& write, Effects& effects) override;
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override;
  Result<void> on_divided(const Division& division, Effects& effects) override;
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) override;
  Result<bool> on_local_change(Effects& effects) override;
  Result<void> read(const Query& query, RowSink& sink) override;
  [[nodiscard]] Result<OwnState> own_state() const override { return pattern_->own_state(); }
  void retire() noexcept override { pattern_->retire(); }
  [[nodiscard]] void* extension(std::string_view name, std::uint32_t revision) override {
    return pattern_->extension(name, revision);
  }

 private:
  void look(const std::string& step);

  PatternOwner pattern_;
  std::vector<std::string> tables_;
  Watcher watcher_;
  bool shown_;
  Host* host_ = nullptr;
};

}  // namespace patchbay::sim
