// `patchbay check`: runs the pattern laws against a module, each in a process of this program's
// own, and prints how each ended. Command line -> here -> check::run_check.
#pragma once

#include "cli/command_line.hpp"

namespace patchbay::app {

/// The exit code: 0 all passed, 1 something was found or the module cannot be loaded, 2 wrong use.
int check_module(const cli::Command& command);

}  // namespace patchbay::app
