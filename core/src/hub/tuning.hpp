// Limits and constants of the hub, with unit and effect.
#pragma once

#include <cstddef>

namespace patchbay::tuning {

/// Transaction ids, and write ids, a shape remembers for subscribers that come later.
inline constexpr std::size_t kRecentEvidenceMax = 10'000;

}  // namespace patchbay::tuning
