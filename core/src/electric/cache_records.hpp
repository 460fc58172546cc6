// The records in the frames of a shape's cache file: which shape it is, rows, and where the stream
// stood after them. Shape log <-> records. Pure.
//
//   shape    = text identity | text table | number columns | column* | number keys | number index*
//   column   = text name | text type | number dimensions | number not_null
//   rows     = row*
//   row      = number gone | cell*                     one cell a column, in their order
//   cell     = number (size of the text * 4 + state) | text bytes
//   position = text handle | text offset
#pragma once

#include <optional>
#include <patchbay/batch.hpp>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "electric/message_parser.hpp"

namespace patchbay::electric {

struct ShapeRecord {
  std::string_view identity;
  const TableSchema* schema = nullptr;
};
struct PositionRecord {
  std::string_view handle;
  std::string_view offset;
};

[[nodiscard]] std::string write_shape(const ShapeRecord& record);
/// Appends a row; of a row that is gone the key alone.
void append_row(std::string& bytes, const Change& change);
[[nodiscard]] std::string write_position(const PositionRecord& record);

/// Reads a record; nothing for other bytes. Views point into `bytes`; the schema is interned.
[[nodiscard]] std::optional<ShapeRecord> read_shape(std::string_view bytes);
[[nodiscard]] std::optional<PositionRecord> read_position(std::string_view bytes);
/// Appends the rows of one frame to `changes`, as inserts and removes; false when the bytes
/// are not rows of that schema.
[[nodiscard]] bool read_rows(std::string_view bytes, const TableSchema& schema,
                             std::vector<RowChange>& changes);

}  // namespace patchbay::electric
