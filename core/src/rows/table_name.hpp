// The one spelling of a table's name that the whole process compares by. Used by the hub for
// configured names and by whoever reads names of people. Pure.
#pragma once

#include <patchbay/result.hpp>
#include <string>
#include <string_view>

namespace patchbay::rows {

/// "items", or "app.items" outside the schema public; an identifier that SQL would not take bare
/// stays in double quotes, a bare one is folded to lower case as SQL does. ErrorCode::rejected for
/// anything that names no table.
[[nodiscard]] Result<std::string> canonical_table(std::string_view name);

}  // namespace patchbay::rows
