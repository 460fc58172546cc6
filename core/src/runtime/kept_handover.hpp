// KeptHandover: everything a successor takes over, kept while it does. WriteBook -> SwapProcess ->
// Successor. A value, filled on the runner's strand and read on the successor's thread.
#pragma once

#include <optional>
#include <patchbay/pattern.hpp>
#include <vector>

namespace patchbay {

struct KeptHandover {
  std::vector<UnfinishedWrite> unfinished;
  std::vector<RejectedWrite> rejected;
  std::optional<OwnState> own_state;

  [[nodiscard]] Handover view() const {
    return {unfinished, rejected, own_state ? &*own_state : nullptr};
  }
};

}  // namespace patchbay
