#include <sqlite3.h>

#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/kit/cells/number.hpp>
#include <patchbay/kit/json_text.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/store.hpp>
#include <vector>

#include "found_value.hpp"
#include "json_text.hpp"

namespace patchbay::sqlite {
namespace {

bool is_boolean(const Column& column) {
  return column.dimensions == 0 && column.type == "bool";
}

bool is_whole(const Column& column) {
  return column.dimensions == 0 &&
         (column.type == "int2" || column.type == "int4" || column.type == "int8");
}

bool is_bytes(const Column& column) {
  return column.dimensions == 0 && column.type == "bytea";
}

std::string_view hex_of(std::string_view bytes, std::string& into) {
  std::string hex = "\\x";
  hex.reserve(2 + 2 * bytes.size());
  text::append_hex(hex, bytes);
  into = std::move(hex);
  return into;
}

std::string_view real_text(double value, const Column& column, std::string& into) {
  if (is_float(column)) return into = float_text(column, value);
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 64> text{};
  constexpr double kExactMax = 9007199254740992.0;  // 2^53
  const bool whole = is_whole(column) && std::nearbyint(value) == value && value >= -kExactMax &&
                     value <= kExactMax;
  const auto end = whole ? std::to_chars(text.begin(), text.end(), std::llround(value)).ptr
                         : std::to_chars(text.begin(), text.end(), value).ptr;
  into.assign(text.begin(), end);
  return into;
}

}  // namespace

std::string_view declared_type(const Column& column) noexcept {
  if (is_float(column)) return "REAL";
  return is_boolean(column) || is_whole(column) ? "INTEGER" : "TEXT";
}

void bind_cell(SQLite::Statement& statement, int parameter, const Column& column,
               const Cell& cell) {
  if (!cell.is_text()) return statement.bind(parameter);
  if (is_boolean(column) && (cell.text == "true" || cell.text == "false")) {
    return statement.bind(parameter, cell.text == "true" ? 1 : 0);
  }
  if (is_whole(column)) {
    if (const auto number = cells::parse_integer(cell.text)) {
      return statement.bind(parameter, *number);
    }
  }
  if (declared_type(column) != "TEXT") {
    const StoredFloat stored = stored_float(cell.text);
    if (is_float(column) && stored.as == StoredFloat::As::real) {
      return statement.bind(parameter, stored.value);
    }
    // SQLite would make another number of a text that looks like one.
    if (stored.as != StoredFloat::As::text) {
      return statement.bind(parameter, cell.text.data(), static_cast<int>(cell.text.size()));
    }
  }
  statement.bind(parameter, std::string(cell.text));
}

Cell found_cell(const FoundValue& value, const Column& column, std::string& into) {
  switch (value.kind) {
    case FoundValue::Kind::null:
      return Cell::null();
    case FoundValue::Kind::integer:
      if (is_boolean(column) && (value.integer == 0 || value.integer == 1)) {
        return Cell::of(value.integer == 1 ? "true" : "false");
      }
      into = std::to_string(value.integer);
      return Cell::of(into);
    case FoundValue::Kind::real:
      return Cell::of(real_text(value.real, column, into));
    case FoundValue::Kind::blob:
      if (is_bytes(column)) return Cell::of(hex_of(value.text, into));
      break;
    case FoundValue::Kind::text:
      if (is_boolean(column)) {
        into = cells::canonical_boolean(value.text);
        return Cell::of(into);
      }
      break;
  }
  return Cell::of(value.text);
}

namespace {

/// Valid until the statement moves on.
FoundValue found_value(const SQLite::Column& value) {
  FoundValue found;
  switch (value.getType()) {
    case SQLITE_INTEGER:
      found.kind = FoundValue::Kind::integer;
      found.integer = value.getInt64();
      break;
    case SQLITE_FLOAT:
      found.kind = FoundValue::Kind::real;
      found.real = value.getDouble();
      break;
    case SQLITE_TEXT:
      found.kind = FoundValue::Kind::text;
      break;
    case SQLITE_BLOB:
      found.kind = FoundValue::Kind::blob;
      break;
    default:
      break;
  }
  if (found.kind == FoundValue::Kind::text || found.kind == FoundValue::Kind::blob) {
    const auto* bytes = static_cast<const char*>(value.getBlob());
    const int size = value.getBytes();
    if (size > 0) found.text = {bytes, static_cast<std::size_t>(size)};
  }
  return found;
}

}  // namespace

Cell read_cell(const SQLite::Column& value, const Column& column, std::string& into) {
  const Cell cell = found_cell(found_value(value), column, into);
  if (!cell.is_text() || cell.text.data() == into.data()) return cell;
  into.assign(cell.text);
  return Cell::of(into);
}

RowRef read_row(Host& host, const TableSchema& schema, SQLite::Statement& statement, int first) {
  const std::size_t count = schema.columns.size();
  std::vector<std::string> texts(count);
  std::vector<Cell> cells(count);
  for (std::size_t at = 0; at < count; ++at) {
    const SQLite::Column value = statement.getColumn(first + static_cast<int>(at));
    cells[at] = found_cell(found_value(value), schema.columns[at], texts[at]);
  }
  return host.make_row(schema, cells);
}

std::string row_json(const Row& row) {
  const TableSchema& schema = row.schema();
  std::string json = "{";
  for (std::uint32_t at = 0; at < schema.columns.size(); ++at) {
    const Cell cell = row.cell(at);
    if (cell.is_absent()) continue;
    if (json.size() > 1) json.push_back(',');
    text::append_json_string(json, schema.columns[at].name);
    json.push_back(':');
    if (cell.is_null()) {
      json.append("null");
    } else {
      text::append_json_string(json, cell.text);
    }
  }
  json.push_back('}');
  return json;
}

RowRef row_of_json(Host& host, const TableSchema& schema, std::string_view json) {
  std::deque<std::string> unescaped;
  std::vector<Cell> cells(schema.columns.size());
  std::string name;
  std::string text;
  JsonScanner scanner(json);
  scanner.expect('{');
  bool first = true;
  while (scanner.next_element('}', first)) {
    const std::string_view column = scanner.string(name);
    scanner.expect(':');
    const auto at = schema.find(column);
    if (!at) {
      throw Refused{{ErrorCode::corrupt,
                     "The store holds a row of " + schema.name +
                         " with a column that its schema lacks: " + std::string(column) + "."}};
    }
    if (scanner.take_null()) {
      cells[*at] = Cell::null();
      continue;
    }
    const std::string_view value = scanner.string(text);
    const bool is_copy = value.data() == text.data();
    cells[*at] = Cell::of(is_copy ? std::string_view(unescaped.emplace_back(value)) : value);
  }
  scanner.expect_end();
  return host.make_row(schema, cells);
}

}  // namespace patchbay::sqlite
