// refused_changes: local changes that no server could take, found before they are sent. LocalLog ->
// here -> SqlitePattern, which takes them out of the rows again. Pure.
#pragma once

#include <patchbay/host.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <string>
#include <vector>

namespace patchbay::sqlite {

/// Why no server could take the operation, as the end of a sentence; "" when one may.
[[nodiscard]] std::string refusal_of(const Operation& operation);

/// Separates the changes that are refused, and all that share rows with them, into a write of their
/// own behind the rest, since one look may find the changes of many programs. One transaction is
/// refused as a whole.
[[nodiscard]] std::vector<LocalWrite> set_apart_refused(Host& host, std::vector<LocalWrite> found);

}  // namespace patchbay::sqlite
