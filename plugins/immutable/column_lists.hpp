// column_lists: SQL lists over the columns of a table. Used by what writes SQL here. Pure text.
#pragma once

#include <cstdint>
#include <functional>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::immutable {

/// Columns whose "set" bits share one INTEGER of the local table.
inline constexpr std::uint32_t kColumnsPerMask = 62;

[[nodiscard]] std::uint32_t mask_count(const TableSchema& schema) noexcept;
[[nodiscard]] std::string mask_name(std::uint32_t mask);

/// Indices of all columns; of those beside the key.
[[nodiscard]] std::vector<std::uint32_t> all_columns(const TableSchema& schema);
[[nodiscard]] std::vector<std::uint32_t> other_columns(const TableSchema& schema);

[[nodiscard]] std::string joined(const std::vector<std::uint32_t>& columns,
                                 std::string_view between,
                                 const std::function<std::string(std::uint32_t)>& text);
/// s."id", s."title"
[[nodiscard]] std::string names(const TableSchema& schema,
                                const std::vector<std::uint32_t>& columns,
                                std::string_view prefix = "");
/// "id" INTEGER, "title" TEXT
[[nodiscard]] std::string definitions(const TableSchema& schema, std::string_view between);
/// The names of the masks; `text` of each.
[[nodiscard]] std::string masks(const TableSchema& schema, std::string_view between,
                                const std::function<std::string(std::uint32_t)>& text = mask_name);

/// A text with a quote sign doubled, as it stands between two of them.
[[nodiscard]] std::string doubled(std::string_view text, char quote);

}  // namespace patchbay::immutable
