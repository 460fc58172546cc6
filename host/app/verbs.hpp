// What each verb of the command line does, and its exit code.
//   0 done · 1 it could not be done · 2 wrong configuration
#pragma once

#include "cli/command_line.hpp"

namespace patchbay::app {

/// Runs a verb to its end; prints one line to standard error when it fails.
[[nodiscard]] int execute(const cli::Command& command);
/// The exit code of what has printed to standard output: 1 instead of 0, and a line to standard
/// error, where that could not be written.
[[nodiscard]] int after_printing(int exit_code);

}  // namespace patchbay::app
