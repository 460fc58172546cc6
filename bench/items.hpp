// The table of the benchmarks: items(created_at, done, id, title, write_id), and rows for it.
#pragma once

#include <array>
#include <cstdio>
#include <patchbay/row.hpp>
#include <string>

#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"

namespace patchbay::bench {

inline constexpr std::uint32_t kDone = 1;
inline constexpr std::uint32_t kId = 2;
inline constexpr std::uint32_t kTitle = 3;

[[nodiscard]] inline const TableSchema& items_schema() {
  return rows::intern_schema({"items",
                              {{"created_at", "timestamptz", 0, true},
                               {"done", "bool", 0, true},
                               {"id", "uuid", 0, true},
                               {"title", "text", 0, true},
                               {"write_id", "uuid", 0, false}},
                              {kId}});
}

[[nodiscard]] inline std::string item_id(std::size_t number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-%012zx", number);
  return text.data();
}

[[nodiscard]] inline std::string item_title(std::size_t number) {
  return "Get the stuff with the number " + std::to_string(number) + " done";
}

inline constexpr const char* kCreatedAt = "2026-01-02 03:04:05.678901+00";

[[nodiscard]] inline RowRef item_row(std::size_t number) {
  const std::string id = item_id(number);
  const std::string title = item_title(number);
  const std::array<Cell, 5> cells{Cell::of(kCreatedAt), Cell::of("false"), Cell::of(id),
                                  Cell::of(title), Cell::null()};
  return rows::make_row(items_schema(), cells);
}

}  // namespace patchbay::bench
