// EffectCarrier: carries out what a step of the pattern wants done: answers, sends, refusals and
// the rows that changed. StepLoop -> carrier -> WriteBook, WriteSender, ViewEvents. An effect that
// breaks the contract is logged and dropped. On the runner's strand, owned by the runner.
#pragma once

#include <string>
#include <vector>

#include "runtime/effects_buffer.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/view_events.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_sender.hpp"

namespace patchbay {

class EffectCarrier {
 public:
  /// All of these outlive the carrier.
  EffectCarrier(const std::string& instance, StepLoop& loop, WriteBook& book, WriteSender& sender,
                ViewEvents& view)
      : instance_(instance), loop_(loop), book_(book), sender_(sender), view_(view) {}

  /// Carries out the effects of one step in their order, but sends first: what a write depends on
  /// for its mark or its answer is known by then.
  void carry_out(std::vector<Effect>& effects);

 private:
  [[nodiscard]] std::vector<EnqueuedWrite> note_sends(std::vector<Effect>& effects);
  [[nodiscard]] LedgerEntry& add(SendEffect& effect);
  void carry_out_one(const SendEffect&) {}  // all of them went first
  void carry_out_one(const RowEffect& effect);
  void carry_out_one(const TableEffect& effect);
  void carry_out_one(const AcceptEffect& effect);
  void carry_out_one(const RejectEffect& effect);
  void carry_out_one(RestoreEffect& effect);

  const std::string& instance_;
  StepLoop& loop_;
  WriteBook& book_;
  WriteSender& sender_;
  ViewEvents& view_;
};

}  // namespace patchbay
