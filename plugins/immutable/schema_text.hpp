// The text of schema.sql, compiled in by CMakeLists.txt. Read by TableSql.
#pragma once

#include <string_view>

namespace patchbay::immutable {

extern const std::string_view kSchemaText;

}  // namespace patchbay::immutable
