// `patchbay swap`, `add` and `remove`: other modules, and other patterns, for a running host.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "cli/command_line.hpp"

namespace patchbay::app {

/// Asks the host and answers with the text to print. ErrorCode::rejected: no module is named.
/// ErrorCode::retry: no host answers, or it refuses, in its own words.
[[nodiscard]] Result<std::string> change_modules(const cli::Command& command);

}  // namespace patchbay::app
