// `patchbay database prepare`, `inspect` and `remove`: what Patchbay keeps in a database, made,
// shown and removed by somebody who may.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "cli/command_line.hpp"

namespace patchbay::app {

/// Carries the command out and answers with the text to print. ErrorCode::rejected: the command or
/// the configuration is wrong; anything else: the database is away or refuses, or `remove` would
/// take what is needed. `prepare` prints what it made before it fails. [startup]
[[nodiscard]] Result<std::string> run_database_verb(cli::Command command);

}  // namespace patchbay::app
