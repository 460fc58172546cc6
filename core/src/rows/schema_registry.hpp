// Keeps every TableSchema for the life of the process, equal ones once, so that rows and plugins
// may hold plain pointers. Filled by the batch builder; grows only when a server's table changes.
#pragma once

#include <patchbay/schema.hpp>

namespace patchbay::rows {

/// The one kept schema equal to `schema`. [any thread]
[[nodiscard]] const TableSchema& intern_schema(TableSchema schema);

}  // namespace patchbay::rows
