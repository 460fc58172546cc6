// `patchbay rejected`: lists, retries and discards the refused writes of a running host.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "cli/command_line.hpp"

namespace patchbay::app {

/// Asks the host and answers with the text to print. ErrorCode::retry: no host answers, or it
/// refuses, in its own words.
[[nodiscard]] Result<std::string> run_rejected_verb(const cli::Command& command);

}  // namespace patchbay::app
