#include "runtime/pattern_step.hpp"

#include <exception>
#include <string>

namespace patchbay {

Result<void> take_step(const std::function<Result<void>(Effects&)>& run, EffectsBuffer& effects) {
  try {
    return run(effects);
  } catch (const std::exception& thrown) {
    return failure(ErrorCode::corrupt, std::string("It threw: ") + thrown.what());
  } catch (...) {
    return failure(ErrorCode::corrupt, "It threw something that is not a std::exception.");
  }
}

}  // namespace patchbay
