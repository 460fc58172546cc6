// sql_template: a pattern's schema.sql, filled in for one table. Pure text; plugin -> here.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

/// Replaces each {word} of the text; all words must be known. Works in one pass, so that a table's
/// name with braces stays as it is. Removes whole-line comments, which a word could end. [any
/// thread]
[[nodiscard]] std::string fill_sql(std::string_view text,
                                   const std::map<std::string, std::string, std::less<>>& words);

}  // namespace patchbay::sqlite
