// The input of the write queue from the runner: a write with the way it is sent, and the options of
// the queue as a whole. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "write/gateway.hpp"

namespace patchbay {

/// A write and how it is sent.
struct EnqueuedWrite {
  OutgoingWrite outgoing;
  std::optional<std::chrono::milliseconds> give_up_after;
  bool mark_first = false;  ///< The first request waits until the write is `marked`.
  bool divisible = false;   ///< A rejection of it holds what is behind it until it is `handled`.
};

struct QueueOptions {
  bool reject_dependents = false;  ///< on_reject = "dependents"
  std::uint64_t seed = 0;          ///< Of the jitter.
};

/// Duties of the pattern that takes over the writes of another.
struct SuccessorDuties {
  bool keep = false;  ///< Holds them, so that no deadline ends them.
  bool mark = false;  ///< Stores that they may be sent, before a request of one that is not marked.
};

}  // namespace patchbay
