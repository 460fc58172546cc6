// Succession: how a pattern learns, when it starts, that it is to replace one that runs: an
// optional interface of the host, by name and revision. Host -> pattern, in `start`.
//
// Until it has adopted, such a pattern gets rows, but neither writes nor outcomes, and what it
// wants done (Effects) is dropped. Whatever writes its own store holds from an earlier time were
// handed over then: they are no source of writes, and the handover replaces them. A write that
// another program makes in its file before the cut is new: it is sent by the step `adopt`.
//
// What it would take over were the cut now is there in `start`, so that a store or an overlay can
// be filled while the other one still runs: adopting then is what has changed since. A pattern that
// makes no use of it is none the worse, but holds up callers for longer.
//
// A predecessor of the same plugin has the store: `start` and `on_batch` leave it alone, and
// `adopt` opens it, by what the predecessor's own state says.
#pragma once

#include <cstdint>
#include <patchbay/host.hpp>
#include <patchbay/pattern.hpp>
#include <string_view>

namespace patchbay {

inline constexpr std::string_view kSuccessionName = "patchbay.succession";
inline constexpr std::uint32_t kSuccessionRevision = 1;

/// What the interface is. Valid during `start`.
struct Succession {
  /// The writes as they are then, without own state. At the cut some have ended; the others are in
  /// the same order, and behind them is what came since or has got a later sequence. Null: the
  /// writes of the pattern's store are to stay as they are until it adopts.
  const Handover* so_far = nullptr;
  bool same_plugin = false;  ///< As the predecessor.
};

/// Null unless the pattern is started to replace one that runs. [startup]
[[nodiscard]] inline const Succession* succession(Host& host) {
  return static_cast<const Succession*>(host.extension(kSuccessionName, kSuccessionRevision));
}

}  // namespace patchbay
