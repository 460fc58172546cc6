// ReplaceablePattern: the pattern that a runner runs, with its writes, as a swap sees it.
// Implemented by the runner; faked in the tests of SwapProcess. On the runner's strand, except as
// said.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/effects_buffer.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/successor.hpp"
#include "runtime/write_book.hpp"

namespace patchbay {

/// The parts that a successor has replaced. The pattern is destroyed before its host.
struct ReplacedPattern {
  std::unique_ptr<PatternHost> host;
  PatternOwner pattern;
};

class ReplaceablePattern {
 public:
  virtual ~ReplaceablePattern() = default;
  [[nodiscard]] virtual PatternSlot& slot() = 0;
  [[nodiscard]] virtual StepLoop& loop() = 0;
  [[nodiscard]] virtual WriteBook& book() = 0;
  /// The tables of which a batch has come.
  [[nodiscard]] virtual std::vector<std::string> tables_seen() const = 0;
  /// Has the pattern take in what other programs wrote until now, before the cut. If the successor
  /// is of another plugin, its store refuses from now on what they write. ErrorCode::retry: it
  /// cannot yet, and nothing has changed.
  [[nodiscard]] virtual Result<void> close_to_programs(const ModuleDescription& successor) = 0;
  /// Has the pattern that runs, before a swap and after it, take in what other programs wrote, and
  /// opens a store that is closed. ErrorCode::retry: it cannot yet; a look of its own does later.
  [[nodiscard]] virtual Result<void> look_for_local_changes() = 0;
  /// Puts the successor, which has adopted the writes, in the place of the pattern and carries out
  /// what it wants done. `all_final`: see NewPattern. [successor's thread, strand paused]
  [[nodiscard]] virtual ReplacedPattern replace(Successor& successor, EffectsBuffer& effects,
                                                std::function<void()> all_final) = 0;
  /// Puts the successor, which has started as the first pattern does, in the place of one that
  /// never ran. [successor's thread, strand paused]
  virtual void start_with(Successor& successor, EffectsBuffer& effects) = 0;
};

}  // namespace patchbay
