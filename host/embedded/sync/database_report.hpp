// The output of `patchbay database`: the objects found, for people and as JSON for scripts. Pure.
#pragma once

#include <string>

#include "embedded/sync/database_objects.hpp"

namespace patchbay::embedded {

[[nodiscard]] std::string as_text(const DatabaseObjects& there);
[[nodiscard]] std::string as_json(const DatabaseObjects& there);

/// The report of `prepare`: one line for each object and configured table: made, or there already.
[[nodiscard]] std::string what_was_made(const DatabaseObjects& before,
                                        const DatabaseObjects& after);
/// The report of `remove`: the objects removed, and the statements that restore the others.
[[nodiscard]] std::string what_was_removed(const DatabaseObjects& before,
                                           const DatabaseObjects& after);

}  // namespace patchbay::embedded
