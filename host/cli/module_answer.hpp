// The output of `patchbay swap`, `add` and `remove`: the pattern as the local API gives it then,
// for people.
#pragma once

#include <string>

namespace patchbay::cli {

/// One line: "notes is now optimistic 0.1.0 (/usr/lib/…/optimistic.so)", or "notes has ended".
[[nodiscard]] std::string module_as_text(const std::string& pattern);

}  // namespace patchbay::cli
