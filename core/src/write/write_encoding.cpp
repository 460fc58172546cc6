#include "write/write_encoding.hpp"

#include <patchbay/kit/operation_name.hpp>
#include <utility>

#include "net/http.hpp"
#include "text/json_text.hpp"

namespace patchbay {
namespace {

/// The table's write_id is the backend's own to set.
bool is_mark_of_backend(const Column& column) {
  return column.name == "write_id" && column.type == "uuid" && column.dimensions == 0;
}

std::string cell_json(const Column& column, const Cell& cell) {
  if (cell.is_null()) return "null";
  if (column.type == "bool" && column.dimensions == 0) {
    if (cell.text == "true" || cell.text == "t") return "true";
    if (cell.text == "false" || cell.text == "f") return "false";
  }
  return text::json_string(cell.text);
}

/// `"column":value` for each cell the row speaks of.
std::string members(const Row& row) {
  std::string text;
  const auto& columns = row.schema().columns;
  for (std::uint32_t index = 0; index < columns.size(); ++index) {
    const Cell cell = row.cell(index);
    if (cell.is_absent() || is_mark_of_backend(columns[index])) continue;
    if (!text.empty()) text.push_back(',');
    text.append(text::json_string(columns[index].name)).append(":");
    text.append(cell_json(columns[index], cell));
  }
  return text;
}

std::string marks(const OutgoingWrite& outgoing) {
  std::string text = "\"write_id\":\"" + outgoing.write.id.text() + "\"";
  if (outgoing.sent_after_s != 0) {
    text.append(",\"sent_after\":").append(std::to_string(outgoing.sent_after_s));
  }
  return text;
}

/// `path` with the mark in its query: in a body it may be the name of a column.
std::string with_mark(std::string path, const OutgoingWrite& outgoing) {
  if (!outgoing.provisional) return path;
  return path + (path.find('?') == std::string::npos ? "?" : "&") + "provisional=true";
}

std::string change_json(const Operation& operation) {
  std::string text = "{\"operation\":\"";
  text.append(operation_name(operation.kind)).append("\",\"table\":");
  text.append(text::json_string(operation.table().name));
  if (operation.kind != OperationKind::insert) {
    text.append(",\"key\":{").append(members(*operation.key)).append("}");
  }
  text.append(",\"value\":{");
  // For a remove the key stands in the value too, where other backends of this API look for it.
  const RowRef& value = operation.set ? operation.set : operation.key;
  return text.append(members(*value)).append("}}");
}

std::string table_path(const Operation& operation) {
  return "/" + net::percent_encode(operation.table().name);
}

std::string row_path(const Operation& operation) {
  std::string path = table_path(operation);
  for (const std::uint32_t column : operation.table().key) {
    path.append("/").append(net::percent_encode(operation.key->cell(column).text));
  }
  return path;
}

bool hides_in_a_path(std::string_view text) {
  // Whatever stands between may drop empty segments and resolve dots.
  return text.empty() || text == "." || text == ".." || text.find('\0') != std::string_view::npos;
}

bool hides_among_marks(const Row& row) {
  const auto& columns = row.schema().columns;
  for (std::uint32_t index = 0; index < columns.size(); ++index) {
    const Column& column = columns[index];
    const bool same_name = column.name == "write_id" || column.name == "sent_after";
    if (same_name && !is_mark_of_backend(column) && !row.cell(index).is_absent()) return true;
  }
  return false;
}

}  // namespace

bool has_rest_route(const Write& write) {
  if (write.operations.size() != 1) return false;
  const Operation& operation = write.operations.front();
  if (operation.set && hides_among_marks(*operation.set)) return false;
  if (hides_in_a_path(operation.table().name)) return false;
  if (operation.kind == OperationKind::insert) return true;
  for (const std::uint32_t column : operation.table().key) {
    if (hides_in_a_path(operation.key->cell(column).text)) return false;
  }
  return true;
}

BackendCall rest_call(const OutgoingWrite& outgoing) {
  const Operation& operation = outgoing.write.operations.front();
  if (operation.kind == OperationKind::remove) {
    std::string path = row_path(operation) + "?write_id=" + outgoing.write.id.text();
    if (outgoing.sent_after_s != 0) {
      path.append("&sent_after=").append(std::to_string(outgoing.sent_after_s));
    }
    return {"DELETE", with_mark(std::move(path), outgoing), ""};
  }
  const std::string columns = members(*operation.set);
  std::string body = "{" + columns + (columns.empty() ? "" : ",") + marks(outgoing) + "}";
  if (operation.kind == OperationKind::insert) {
    return {"POST", with_mark(table_path(operation), outgoing), std::move(body)};
  }
  return {"PUT", with_mark(row_path(operation), outgoing), std::move(body)};
}

std::string changes_element(const OutgoingWrite& outgoing) {
  std::string text = "{\"id\":\"" + outgoing.write.id.text() + "\"," + marks(outgoing);
  if (outgoing.provisional) text.append(",\"provisional\":true");
  text.append(",\"changes\":[");
  const char* separator = "";
  for (const Operation& operation : outgoing.write.operations) {
    text.append(std::exchange(separator, ",")).append(change_json(operation));
  }
  return text.append("]}");
}

}  // namespace patchbay
