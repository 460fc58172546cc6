// sql_template: a pattern's schema.sql, filled in for one table. Pure text; plugin -> here.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

/// `text` with each {word} replaced; all words must be known. One pass, so that a table's name with
/// braces stays as it is; whole-line comments go, as a word in one could end it. [any thread]
[[nodiscard]] std::string fill_sql(std::string_view text,
                                   const std::map<std::string, std::string, std::less<>>& words);

}  // namespace patchbay::sqlite
