// The text of schema.sql, compiled in by CMakeLists.txt. Read by TableSql.
#pragma once

#include <string_view>

namespace patchbay::through_db {

extern const std::string_view kSchemaText;

}  // namespace patchbay::through_db
