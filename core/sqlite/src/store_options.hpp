// store_options: how the file of a SQLite pattern is opened: its name, versions and settings. Start
// -> here -> Store. [strand]
#pragma once

#include <patchbay/host.hpp>
#include <patchbay/result.hpp>
#include <patchbay/sqlite/pattern_parts.hpp>
#include <patchbay/sqlite/store.hpp>

namespace patchbay::sqlite {

/// ErrorCode::rejected says which setting of the instance is wrong. `parts` and `host` outlive the
/// options.
[[nodiscard]] Result<StoreOptions> store_options(const SqlitePatternParts& parts, Host& host);

}  // namespace patchbay::sqlite
