// DatabaseState: whether the database is followed, and what to answer while it is not.
// ShapeRegistry, which owns it → health, readiness, and answers with 503. A value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "embedded/sync/replication_stream.hpp"

namespace patchbay::embedded {

/// The states of GET /v1/health.
enum class Health : std::uint8_t {
  starting,  ///< The database is not reached yet, or no longer.
  waiting,   ///< Another service uses the slot.
  active,
};
[[nodiscard]] std::string_view to_string(Health health);

/// A reason why the service is not ready: a part ("database", "stream") and a sentence.
using Troubles = std::vector<std::pair<std::string_view, std::string>>;

struct DatabaseState {
  bool connected = false;
  StreamTrouble trouble = StreamTrouble::starting;  ///< While not connected.
  std::string problem = "The database is being connected to.";
  std::string silence;  ///< See StreamListener::stream_silent.

  [[nodiscard]] Health health() const;
};

}  // namespace patchbay::embedded
