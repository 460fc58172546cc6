// `patchbay swap`: gives a pattern of a running host another module.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "cli/command_line.hpp"

namespace patchbay::app {

/// What to print. ErrorCode::rejected: no module is named. ErrorCode::retry: no host answers, or it
/// refuses, in its own words.
[[nodiscard]] Result<std::string> swap_pattern(const cli::Command& command);

}  // namespace patchbay::app
