// Keeps every TableSchema for the life of the process, equal ones once, so that rows and plugins
// may hold plain pointers. Filled by the batch builder; grows only when a server's table changes.
#pragma once

#include <patchbay/schema.hpp>

namespace patchbay::rows {

/// The one kept schema equal to `schema`. [any thread]
#if __has_cpp_attribute(gnu::no_dangling)  // g++ 14 would take it for a reference to the argument
[[gnu::no_dangling]]
#endif
[[nodiscard]] const TableSchema&
intern_schema(TableSchema schema);

}  // namespace patchbay::rows
