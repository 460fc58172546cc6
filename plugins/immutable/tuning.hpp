// Every constant of the immutable pattern, with unit and effect. Plain values, no owner.
#pragma once

#include <cstddef>

namespace patchbay::immutable::tuning {

/// Values of one INSERT while a reset is staged: more save little, the statement is kept.
inline constexpr std::size_t kStageParametersMax = 400;

}  // namespace patchbay::immutable::tuning
