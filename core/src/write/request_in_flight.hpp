// RequestInFlight: the one request of a write queue that has left and has no answer yet, and what
// its answer left open. Write queue -> gateway -> write queue and its schedule. Values, on the
// queue's strand.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/write.hpp>
#include <vector>

#include "write/gateway.hpp"

namespace patchbay {

/// Why a request is the next one:
///   head    the front of the main lane, with what may travel along, once the lane's wait is over
///   health  asks whether the backend answers at all, for a head that gets no answer of its own
///   aside   a poison write, once their wait is over
///   voided  the void of a write instead of the write, once their wait is over
enum class Turn : std::uint8_t { head, health, aside, voided };

struct RequestInFlight {
  std::uint64_t number = 0;
  Turn turn = Turn::head;
  bool asks_time = false;            ///< Sends nothing: asks the backend for its time.
  bool network_restored = false;     ///< Meanwhile: no wait follows a failure.
  bool credentials_changed = false;  ///< Meanwhile: a 401 was about the old ones.
  std::vector<WriteId> writes;
};

/// The first write of a request that has no verdict after the answer.
struct RequestFailure {
  WriteId write;
  Unknown unknown;
};

/// The results of one request for its writes.
struct RequestResult {
  bool any_final = false;  ///< At least one write has its verdict.
  std::optional<RequestFailure> failure;
};

}  // namespace patchbay
