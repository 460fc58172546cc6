// The faults of a configuration that are found without asking anybody. Configuration -> here
// -> commands that start parts. Pure.
#pragma once

#include <patchbay/result.hpp>

#include "config/config.hpp"

namespace patchbay::app {

/// Checks the URLs. ErrorCode::rejected names the one that is malformed.
[[nodiscard]] Result<void> check_urls(const Config& config);
/// Spells every table as the process compares it. ErrorCode::rejected: a name that no table has.
[[nodiscard]] Result<void> canonicalise_tables(Config& config);

}  // namespace patchbay::app
