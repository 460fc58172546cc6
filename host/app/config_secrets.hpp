// The secrets of a configuration: made where the host may choose them, and hidden wherever
// something is printed. Configuration -> here -> log. On the main thread, before other threads are
// made.
#pragma once

#include <patchbay/result.hpp>

#include "config/config.hpp"

namespace patchbay::app {

/// Gives the backend and the sync service that the host runs itself the secrets that are not
/// configured, unless pages of other origins are to use them.
[[nodiscard]] Result<void> make_secrets(Config& config);
/// Keeps what is secret in the configuration out of the log and of what is printed.
void hide_secrets(const Config& config);

}  // namespace patchbay::app
