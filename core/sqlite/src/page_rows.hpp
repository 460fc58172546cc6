// The rows in the pages of a SQLite file, page by page, without its tables: what is left where the
// way to a page is damaged. Used by JournalSalvage. Blocks; throws nothing.
//
// A page of rows has the type 13, the number of its rows, and where each stands. A row is its
// length, its number, and its values; what does not fit in its page is in a chain of others. Rows
// of any table, and garbage: the caller takes what has a checksum that fits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace patchbay::sqlite {

/// NULL, a whole number, a text, or the bytes of a blob or of another number.
using PageValue = std::variant<std::monostate, std::int64_t, std::string>;

struct PageRow {
  std::int64_t number = 0;
  std::vector<PageValue> values;
};

/// Calls `take` for each row that has so many values.
void each_row_in_pages(const std::filesystem::path& file, std::size_t values,
                       const std::function<void(PageRow)>& take);

}  // namespace patchbay::sqlite
