// EffectsBuffer: the effects of one step, kept until the step has succeeded. Pattern -> buffer ->
// EffectCarrier. On the thread of the step; owned by its caller.
#pragma once

#include <patchbay/effects.hpp>
#include <patchbay/host.hpp>
#include <variant>
#include <vector>

namespace patchbay {

struct AcceptEffect {
  WriteId write;
};
struct SendEffect {
  Write write;
  SendOptions options;
};
struct RejectEffect {
  WriteId write;
  Error why;
};
struct RowEffect {
  RowRef row;
  bool gone = false;
};
struct TableEffect {
  const TableSchema* table = nullptr;
};
struct RestoreEffect {
  RejectedWrite write;
};
using Effect =
    std::variant<AcceptEffect, SendEffect, RejectEffect, RowEffect, TableEffect, RestoreEffect>;

class EffectsBuffer final : public Effects {
 public:
  void accept(const WriteId& write) override { effects_.push_back(AcceptEffect{write}); }
  void send(const Write& write, const SendOptions& options) override {
    effects_.push_back(SendEffect{write, options});
  }
  void reject(const WriteId& write, const Error& why) override {
    effects_.push_back(RejectEffect{write, why});
  }
  void restore_rejected(const RejectedWrite& write) override {
    effects_.push_back(RestoreEffect{write});
  }
  void row_changed(const RowRef& row) override { effects_.push_back(RowEffect{row, false}); }
  void row_gone(const RowRef& row) override { effects_.push_back(RowEffect{row, true}); }
  void table_changed(const TableSchema& table) override { effects_.push_back(TableEffect{&table}); }

  /// In the order of the calls.
  [[nodiscard]] std::vector<Effect>& all() noexcept { return effects_; }

 private:
  std::vector<Effect> effects_;
};

}  // namespace patchbay
