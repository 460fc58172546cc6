#include "rows/row_builder.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace patchbay::rows {
namespace {

void destroy_row(const Row* row) noexcept {
  row->~Row();
  std::free(const_cast<Row*>(row));  // NOLINT: the block was made by make_row below
}

}  // namespace

RowRef make_row(const TableSchema& schema, std::span<const Cell> cells) {
  if (cells.size() != schema.columns.size()) return {};
  std::size_t text_bytes = 0;
  for (const Cell& cell : cells) text_bytes += cell.is_text() ? cell.text.size() : 0;
  if (text_bytes > Row::kEndMask) return {};

  const std::size_t ends_bytes = cells.size() * sizeof(std::uint32_t);
  void* block = std::malloc(sizeof(Row) + ends_bytes + text_bytes);
  if (block == nullptr) throw std::bad_alloc();
  auto* row = new (block) Row(schema, &destroy_row);
  auto* ends = reinterpret_cast<std::uint32_t*>(row + 1);
  auto* text = reinterpret_cast<char*>(ends + cells.size());
  std::uint32_t end = 0;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const Cell& cell = cells[column];
    if (cell.is_text() && !cell.text.empty()) {
      std::memcpy(text + end, cell.text.data(), cell.text.size());
      end += static_cast<std::uint32_t>(cell.text.size());
    }
    ends[column] = end | (static_cast<std::uint32_t>(cell.state) << 30U);
  }
  return RowRef::take(row);
}

RowRef fold(const Row& base, const Row& patch) {
  const TableSchema& schema = base.schema();
  std::vector<Cell> cells(schema.columns.size());
  for (std::uint32_t column = 0; column < cells.size(); ++column) {
    if (&patch.schema() == &schema) {
      cells[column] = patch.cell(column);
    } else if (const auto same = patch.schema().find(schema.columns[column].name)) {
      cells[column] = patch.cell(*same);
    }
    if (cells[column].is_absent()) cells[column] = base.cell(column);
  }
  return make_row(schema, cells);
}

RowRef key_row(const Row& row) {
  std::vector<Cell> cells(row.schema().columns.size());
  for (const std::uint32_t column : row.schema().key) cells[column] = row.cell(column);
  return make_row(row.schema(), cells);
}

std::size_t size_bytes(const Row& row) noexcept {
  const std::size_t columns = row.schema().columns.size();
  std::size_t text_bytes = 0;
  for (std::uint32_t column = 0; column < columns; ++column) {
    text_bytes += row.cell(column).text.size();
  }
  return sizeof(Row) + columns * sizeof(std::uint32_t) + text_bytes;
}

}  // namespace patchbay::rows
