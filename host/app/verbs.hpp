// The verbs of the command line, each with its exit code.
//   0 done · 1 it could not be done · 2 wrong configuration
#pragma once

#include "cli/command_line.hpp"

namespace patchbay::app {

/// Runs a verb to its end; a failure prints one line to standard error.
[[nodiscard]] int execute(const cli::Command& command);
/// Flushes standard output and answers with `exit_code`; if the output could not be written, with 1
/// instead of 0, and a line on standard error.
[[nodiscard]] int after_printing(int exit_code);

}  // namespace patchbay::app
