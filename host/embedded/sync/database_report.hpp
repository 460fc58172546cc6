// What `patchbay database` prints of the objects it looked at: for people, and for scripts. Pure.
#pragma once

#include <string>

#include "embedded/sync/database_objects.hpp"

namespace patchbay::embedded {

[[nodiscard]] std::string as_text(const DatabaseObjects& there);
[[nodiscard]] std::string as_json(const DatabaseObjects& there);

/// One line for each object and configured table: made, or there already. Of `prepare`.
[[nodiscard]] std::string what_was_made(const DatabaseObjects& before,
                                        const DatabaseObjects& after);
/// What is gone, and the statements that set back what stays. Of `remove`.
[[nodiscard]] std::string what_was_removed(const DatabaseObjects& before,
                                           const DatabaseObjects& after);

}  // namespace patchbay::embedded
