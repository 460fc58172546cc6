// What each verb of the command line does, and its exit code.
//   0 done · 1 it could not be done · 2 wrong configuration
#pragma once

#include "cli/command_line.hpp"

namespace patchbay::app {

/// Runs a verb to its end; prints one line to standard error when it fails.
[[nodiscard]] int execute(const cli::Command& command);

}  // namespace patchbay::app
