// The output of `patchbay status`, made of a host's GET /api/status. JSON text -> here -> the
// terminal. Pure functions.
#pragma once

#include <string>

namespace patchbay::cli {

/// For people: patterns, streams and places, then what is wrong and what to do.
[[nodiscard]] std::string status_as_text(const std::string& status);
/// True if the status is "ready".
[[nodiscard]] bool says_ready(const std::string& status);

}  // namespace patchbay::cli
