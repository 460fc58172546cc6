// The HTTP statuses with which a backend refuses a write for good; with any other the write has no
// verdict. Backend → write gateway → local API. Constants; no strand.
#pragma once

#include <algorithm>
#include <array>

namespace patchbay {

/// 422 stands for every refusal that none of the others fits.
inline constexpr std::array<int, 7> kRefusalStatuses{400, 403, 404, 409, 410, 413, 422};

constexpr bool is_refusal_status(int status) noexcept {
  return std::find(kRefusalStatuses.begin(), kRefusalStatuses.end(), status) !=
         kRefusalStatuses.end();
}

}  // namespace patchbay
