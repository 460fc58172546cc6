// Makes the rows of the process: one block each, counted, and freed here with the last reference.
// Used by the batch builder, the hub and the runner's Host. Thread-safe, no state.
#pragma once

#include <patchbay/row.hpp>
#include <span>

namespace patchbay::rows {

/// A row of `schema`, one cell a column in their order; null when the number of cells differs or
/// the texts come to 1 GiB or more.
[[nodiscard]] RowRef make_row(const TableSchema& schema, std::span<const Cell> cells);
/// `patch` over `base` (Host::fold), in the base's schema; cells of the patch are found by name
/// when the schemas differ.
[[nodiscard]] RowRef fold(const Row& base, const Row& patch);
/// The key columns of `row` and nothing else.
[[nodiscard]] RowRef key_row(const Row& row);
/// Bytes of the row's block, header included.
[[nodiscard]] std::size_t size_bytes(const Row& row) noexcept;

}  // namespace patchbay::rows
