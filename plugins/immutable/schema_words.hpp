// schema_words: the words of schema.sql for one table. TableSql -> here -> fill_sql. Pure text.
#pragma once

#include <map>
#include <patchbay/schema.hpp>
#include <string>

namespace patchbay::immutable {

using SchemaWords = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] SchemaWords schema_words(const TableSchema& schema);
/// The words of the view's SELECT for a reader that wants each value as it is kept.
[[nodiscard]] SchemaWords exact_words(const TableSchema& schema);

}  // namespace patchbay::immutable
