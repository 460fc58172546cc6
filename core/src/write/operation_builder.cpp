#include "write/operation_builder.hpp"

#include <algorithm>
#include <deque>
#include <patchbay/kit/canonical_key.hpp>

#include "rows/row_builder.hpp"

namespace patchbay {
namespace {

std::string quoted(const TableSchema& schema, std::string_view column) {
  return "\"" + std::string(column) + "\" of table \"" + schema.name + "\"";
}

std::string cell_text(const TableSchema& schema, std::uint32_t index, const std::string& text) {
  const Column& column = schema.columns[index];
  if (schema.is_key(index)) return canonical_key_text(column, text);
  const bool plain_bool = column.type == "bool" && column.dimensions == 0;
  return plain_bool ? cells::canonical_boolean(text) : text;
}

/// The whole key is there, is not null, and nothing else is (unless `more`).
Result<void> check_key(const TableSchema& schema, const Row& row, bool more) {
  for (std::uint32_t index = 0; index < schema.columns.size(); ++index) {
    const Cell cell = row.cell(index);
    const std::string& name = schema.columns[index].name;
    if (schema.is_key(index) && !cell.is_text()) {
      return failure(ErrorCode::rejected, "The key column " + quoted(schema, name) +
                                              " has no value; give every key column a value.");
    }
    if (!more && !schema.is_key(index) && !cell.is_absent()) {
      return failure(ErrorCode::rejected, "The column " + quoted(schema, name) +
                                              " is not part of the key; name key columns only.");
    }
  }
  return {};
}

}  // namespace

Result<RowRef> build_row(const TableSchema& schema, const NamedCells& cells) {
  std::vector<Cell> row(schema.columns.size());
  std::deque<std::string> texts;
  for (const auto& [name, value] : cells) {
    const auto index = schema.find(name);
    if (!index) {
      return failure(ErrorCode::rejected, "There is no column " + quoted(schema, name) + ".");
    }
    if (!row[*index].is_absent()) {
      return failure(ErrorCode::rejected,
                     "The column " + quoted(schema, name) + " is given twice; give it once.");
    }
    row[*index] =
        value ? Cell::of(texts.emplace_back(cell_text(schema, *index, *value))) : Cell::null();
  }
  RowRef made = rows::make_row(schema, row);
  if (!made) {
    return failure(ErrorCode::rejected, "The row for table \"" + schema.name +
                                            "\" is too large; a row holds less than 1 GiB.");
  }
  return made;
}

Result<Operation> build_operation(const TableSchema& schema, const RequestedOperation& request) {
  const bool insert = request.kind == OperationKind::insert;
  auto named = build_row(schema, insert ? request.set : request.key);
  if (!named) return tl::unexpected(named.error());
  if (auto checked = check_key(schema, **named, insert); !checked) {
    return tl::unexpected(checked.error());
  }
  if (insert) return Operation{request.kind, rows::key_row(**named), *named};
  if (request.kind == OperationKind::remove) return Operation{request.kind, *named, {}};

  if (request.set.empty()) {
    return failure(ErrorCode::rejected, "The update of table \"" + schema.name +
                                            "\" sets no column; name at least one.");
  }
  auto set = build_row(schema, request.set);
  if (!set) return tl::unexpected(set.error());
  for (const std::uint32_t index : schema.key) {
    if ((*set)->cell(index).is_null()) {
      return failure(ErrorCode::rejected, "The key column " +
                                              quoted(schema, schema.columns[index].name) +
                                              " cannot be set to null.");
    }
  }
  return Operation{request.kind, *named, *set};
}

}  // namespace patchbay
