// PatternStep: one call of a pattern, with whatever it throws caught. Runner and successor -> here
// -> pattern, on its thread.
#pragma once

#include <functional>
#include <patchbay/effects.hpp>
#include <patchbay/result.hpp>

#include "runtime/effects_buffer.hpp"

namespace patchbay {

/// Runs a step; its effects are in `effects`, and count only when it succeeds. A throw comes
/// back as ErrorCode::corrupt.
[[nodiscard]] Result<void> take_step(const std::function<Result<void>(Effects&)>& run,
                                     EffectsBuffer& effects);

}  // namespace patchbay
