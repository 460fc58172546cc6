// ScriptedPattern: a pattern whose every step is what the test says; without a word it accepts and
// sends each write and applies nothing. Notes what it is told. For the tests of the runner.
//
//   batches  "items reset 1:milk @h1 0_5; " | "items 1:milk -2 settles 1 2! @h1 0_6; "
//            (-2: row 2 is gone, 2!: confirmed)
//   outcomes "acknowledged 1; " | "rejected 1; " | "discarded 1; " | "divided 1 into 2; "
//   marks    "1 2 @1700000000; "
//   adopted  "1; 2 without 0; 3 rejected: no; own state 7; "
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/kit/shared_store.hpp>
#include <patchbay/pattern.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "support/fake_host.hpp"

namespace patchbay::test {

class ScriptedPattern : public Pattern {
 public:
  Result<void> start(Host& its_host, const Succession* its_succession, Effects& effects) override {
    host = &its_host;
    succession = its_succession;
    return at_start ? at_start(its_host, effects) : Result<void>{};
  }
  Result<void> adopt(const Handover& handover, Effects& effects) override {
    for (const UnfinishedWrite& one : handover.unfinished) {
      adopted += sim::print(one.write.id);
      for (const std::uint32_t index : one.settled) adopted += " without " + std::to_string(index);
      adopted += "; ";
    }
    for (const RejectedWrite& one : handover.rejected) {
      adopted += sim::print(one.write.id) + " rejected: " + one.rejection.message + "; ";
    }
    if (handover.own_state != nullptr) {
      adopted += "own state " + std::to_string(handover.own_state->schema) + "; ";
    }
    return at_adopt ? at_adopt(effects) : Result<void>{};
  }
  [[nodiscard]] Result<OwnState> own_state() const override {
    return at_own_state ? at_own_state() : Result<OwnState>(OwnState{});
  }
  void retire() noexcept override {
    if (at_retire) at_retire();
  }
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    batches += batch.table.name + (batch.reset ? " reset" : "");
    for (const Change& change : batch.changes) {
      batches += change.gone
                     ? " -" + sim::print(*change.row).substr(0, sim::print(*change.row).find(':'))
                     : " " + sim::print(*change.row);
    }
    if (!batch.settled.empty()) batches += " settles";
    for (const Settlement& one : batch.settled) {
      batches += " " + sim::print(one.write) + (one.confirmed ? "!" : "");
    }
    batches +=
        " @" + std::string(batch.position.handle) + " " + std::string(batch.position.offset) + "; ";
    return at_batch ? at_batch(effects) : Result<void>{};
  }
  Result<void> on_write(const Write& write, Effects& effects) override {
    if (at_write) return at_write(write, effects);
    effects.accept(write.id);
    effects.send(write, {});
    return {};
  }
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    static constexpr const char* kKinds[] = {"acknowledged ", "rejected ", "discarded "};
    outcomes += kKinds[static_cast<int>(outcome.kind)] + sim::print(outcome.write) + "; ";
    return at_outcome ? at_outcome(outcome, effects) : Result<void>{};
  }
  Result<void> on_divided(const Division& division, Effects& effects) override {
    outcomes += "divided " + sim::print(division.write.id) + " into " +
                std::to_string(division.parts.size()) + "; ";
    return at_divided ? at_divided(effects) : Result<void>{};
  }
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) override {
    for (const WriteId& id : writes) marks += sim::print(id) + " ";
    marks += "@" + std::to_string(sent_after_s) + "; ";
    return at_mark ? at_mark() : Result<void>{};
  }
  Result<bool> on_local_change(Effects& effects) override {
    ++looks;
    return at_look ? at_look(effects) : Result<bool>(false);
  }
  Result<void> read(const Query& query, RowSink& sink) override {
    ++reads;
    return at_read ? at_read(query, sink) : Result<void>{};
  }

  [[nodiscard]] std::string take_batches() { return std::exchange(batches, {}); }
  [[nodiscard]] std::string take_outcomes() { return std::exchange(outcomes, {}); }
  [[nodiscard]] std::string take_marks() { return std::exchange(marks, {}); }

  std::function<Result<void>(Host&, Effects&)> at_start;
  std::function<Result<void>(Effects&)> at_batch;
  std::function<Result<void>(const Write&, Effects&)> at_write;
  std::function<Result<void>(const Outcome&, Effects&)> at_outcome;
  std::function<Result<void>(Effects&)> at_divided;
  std::function<Result<void>()> at_mark;
  std::function<Result<bool>(Effects&)> at_look;
  std::function<Result<void>(const Query&, RowSink&)> at_read;
  std::function<Result<void>(Effects&)> at_adopt;
  const Succession* succession = nullptr;  ///< During `start`.
  std::function<Result<OwnState>()> at_own_state;
  std::function<void()> at_retire;
  Host* host = nullptr;
  std::string batches;
  std::string outcomes;
  std::string marks;
  std::string adopted;
  int looks = 0;
  int reads = 0;
};

/// Says when it is destroyed.
class MortalPattern final : public ScriptedPattern {
 public:
  explicit MortalPattern(bool& ended) : ended_(ended) {}
  ~MortalPattern() override { ended_ = true; }

 private:
  bool& ended_;
};

/// Has a memory of writes that have ended, which is what the test says.
class RememberingPattern final : public ScriptedPattern, public FinalWrites {
 public:
  void* extension(std::string_view name, std::uint32_t revision) override {
    const bool known = name == kFinalWritesName && revision == kFinalWritesRevision;
    return known ? static_cast<FinalWrites*>(this) : nullptr;
  }
  Result<FinalRecall> recall(const WriteId& id) override {
    if (is_busy) return failure(ErrorCode::retry, "The store is busy.");
    const auto found = ends.find(id);
    return FinalRecall{found == ends.end() ? std::nullopt : std::optional(found->second), since_ms};
  }

  std::map<WriteId, FinalWrite> ends;
  std::int64_t since_ms = 0;
  bool is_busy = false;
};

/// Has a store that other programs write. Notes for which successors it was closed.
class SharingPattern final : public ScriptedPattern, public SharedStore {
 public:
  void* extension(std::string_view name, std::uint32_t revision) override {
    const bool known = name == kSharedStoreName && revision == kSharedStoreRevision;
    return known ? static_cast<SharedStore*>(this) : nullptr;
  }
  Result<void> close(std::string_view successor, Effects& effects) override {
    closed_for += std::string(successor) + " ";
    return at_close ? at_close(effects) : Result<void>{};
  }

  std::function<Result<void>(Effects&)> at_close;
  std::string closed_for;
};

}  // namespace patchbay::test
