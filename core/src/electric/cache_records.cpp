#include "electric/cache_records.hpp"

#include <utility>

#include "electric/cache_bytes.hpp"
#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"

namespace patchbay::electric {
namespace {

void append_cell(std::string& bytes, const Cell& cell) {
  const auto state = static_cast<std::uint32_t>(cell.state);
  put_number(bytes, static_cast<std::uint32_t>(cell.text.size()) << 2U | state);
  bytes.append(cell.text);
}

bool read_cell(ByteReader& reader, Cell& cell) {
  const std::uint32_t head = reader.number();
  const std::uint32_t state = head & 3U;
  cell = {static_cast<CellState>(state), reader.bytes(head >> 2U)};
  return state <= static_cast<std::uint32_t>(CellState::text) &&
         (cell.is_text() || cell.text.empty());
}

TableSchema read_schema(ByteReader& reader) {
  TableSchema schema;
  schema.name = reader.text();
  const std::uint32_t columns = reader.number();
  for (std::uint32_t index = 0; index < columns && reader.is_whole(); ++index) {
    Column column;
    column.name = reader.text();
    column.type = reader.text();
    column.dimensions = reader.number();
    column.not_null = reader.number() != 0;
    schema.columns.push_back(std::move(column));
  }
  const std::uint32_t keys = reader.number();
  for (std::uint32_t index = 0; index < keys && reader.is_whole(); ++index) {
    schema.key.push_back(reader.number());
  }
  return schema;
}

bool is_sound(const TableSchema& schema) {
  for (const std::uint32_t column : schema.key) {
    if (column >= schema.columns.size()) return false;
  }
  return !schema.key.empty();
}

}  // namespace

std::string write_shape(const ShapeRecord& record) {
  std::string bytes;
  put_text(bytes, record.identity);
  put_text(bytes, record.schema->name);
  put_number(bytes, static_cast<std::uint32_t>(record.schema->columns.size()));
  for (const Column& column : record.schema->columns) {
    put_text(bytes, column.name);
    put_text(bytes, column.type);
    put_number(bytes, column.dimensions);
    put_number(bytes, column.not_null ? 1 : 0);
  }
  put_number(bytes, static_cast<std::uint32_t>(record.schema->key.size()));
  for (const std::uint32_t column : record.schema->key) put_number(bytes, column);
  return bytes;
}

void append_row(std::string& bytes, const Change& change) {
  const TableSchema& schema = change.row->schema();
  put_number(bytes, change.gone ? 1 : 0);
  for (std::uint32_t column = 0; column < schema.columns.size(); ++column) {
    const bool left_out = change.gone && !schema.is_key(column);
    append_cell(bytes, left_out ? Cell() : change.row->cell(column));
  }
}

std::string write_position(const PositionRecord& record) {
  std::string bytes;
  put_text(bytes, record.handle);
  put_text(bytes, record.offset);
  return bytes;
}

std::optional<ShapeRecord> read_shape(std::string_view bytes) {
  ByteReader reader(bytes);
  ShapeRecord record;
  record.identity = reader.text();
  TableSchema schema = read_schema(reader);
  if (!reader.is_whole() || !reader.at_end() || !is_sound(schema)) return std::nullopt;
  record.schema = &rows::intern_schema(std::move(schema));
  return record;
}

std::optional<PositionRecord> read_position(std::string_view bytes) {
  ByteReader reader(bytes);
  PositionRecord record;
  record.handle = reader.text();
  record.offset = reader.text();
  if (!reader.is_whole() || !reader.at_end()) return std::nullopt;
  if (record.handle.empty() || record.offset.empty()) return std::nullopt;
  return record;
}

bool read_rows(std::string_view bytes, const TableSchema& schema, std::vector<RowChange>& changes) {
  ByteReader reader(bytes);
  std::vector<Cell> cells(schema.columns.size());
  while (!reader.at_end()) {
    const bool gone = reader.number() != 0;
    for (Cell& cell : cells) {
      if (!read_cell(reader, cell)) return false;
    }
    if (!reader.is_whole()) return false;
    RowRef row = rows::make_row(schema, cells);
    if (!row) return false;
    changes.push_back({gone ? RowOperation::remove : RowOperation::insert, std::move(row)});
  }
  return reader.is_whole();
}

}  // namespace patchbay::electric
