// What `patchbay swap` prints: the pattern as the local API tells it after the swap, for people.
#pragma once

#include <string>

namespace patchbay::cli {

/// One line: "notes is now optimistic 0.1.0 (/usr/lib/…/optimistic.so)".
[[nodiscard]] std::string swapped_as_text(const std::string& pattern);

}  // namespace patchbay::cli
