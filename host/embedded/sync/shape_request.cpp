#include "embedded/sync/shape_request.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <patchbay/kit/ascii.hpp>

namespace patchbay::embedded {
namespace {

using net::find_parameter;
using net::QueryParameters;

tl::unexpected<Refusal> refuse(std::string parameter, std::string message) {
  return tl::unexpected<Refusal>(Refusal{std::move(parameter), std::move(message)});
}

bool is_plain(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return std::isalnum(byte) != 0 || letter == '_' || letter == '$' || byte >= 0x80;
}

/// Takes a quoted identifier off the front; nullopt when its closing quote is missing.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string name;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      const bool doubled = at + 1 < text.size() && text[at + 1] == '"';
      if (!doubled) {
        text.remove_prefix(at + 1);
        return name;
      }
      ++at;
    }
    name += text[at];
  }
  return std::nullopt;
}

/// Takes a name off the front, up to `separator`, of the parameter named.
tl::expected<std::string, Refusal> take_identifier(std::string_view& text, char separator,
                                                   const char* parameter) {
  if (text.starts_with('"')) {
    const std::string all(text);
    auto name = take_quoted(text);
    if (!name)
      return refuse(parameter, "Invalid quoted identifier, its closing quote is missing: " + all);
    if (name->empty()) return refuse(parameter, "Invalid zero-length delimited identifier");
    return std::move(*name);
  }
  const auto part = text.substr(0, text.find(separator));
  if (part.empty()) return refuse(parameter, "Invalid zero-length delimited identifier");
  if (!std::all_of(part.begin(), part.end(), is_plain)) {
    return refuse(parameter,
                  "Invalid unquoted identifier contains special characters: " + std::string(part));
  }
  std::string name = text::lower_case(part);
  text.remove_prefix(part.size());
  return name;
}

bool is_true(const QueryParameters& query, std::string_view name) {
  const auto* value = find_parameter(query, name);
  return value != nullptr && *value != "false";
}

/// Parts of the protocol that this service leaves to Electric.
std::optional<Refusal> find_unsupported(const QueryParameters& query) {
  constexpr std::array<std::string_view, 3> kUnsupported = {"where", "params", "live_sse"};
  const std::string why =
      "is not supported by this service, which follows all rows of a table; use Electric for it";
  for (const auto& [name, value] : query) {
    const bool named =
        std::find(kUnsupported.begin(), kUnsupported.end(), name) != kUnsupported.end();
    const bool said_no = name == "live_sse" && value == "false";
    if (!said_no && (named || name.starts_with("params[") || name.starts_with("subset__"))) {
      return Refusal{name, why};
    }
    if (name == "experimental_live_sse" && value != "false") return Refusal{name, why};
    if (name == "log" && value == "changes_only") return Refusal{name, "changes_only " + why};
    if (name == "log" && value != "full") return Refusal{name, "is invalid"};
  }
  return std::nullopt;
}

std::optional<Refusal> find_contradiction(const ShapeRequest& request,
                                          const QueryParameters& query) {
  if (is_true(query, "live_sse") && !request.live) {
    return Refusal{"live_sse", "can't be true unless live is also true"};
  }
  if (request.continues() && request.handle.empty()) {
    return Refusal{"handle", "can't be blank when offset != -1"};
  }
  if (request.live && request.offset.kind == ShapeOffset::Kind::start) {
    return Refusal{"live", "can't be true when offset == -1"};
  }
  if (request.live && request.offset.kind == ShapeOffset::Kind::now) {
    return Refusal{"live", "can't be true when offset is 'now'"};
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_cursor(const std::string* text) {
  std::int64_t cursor = 0;
  if (text == nullptr) return std::nullopt;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), cursor);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size()) return std::nullopt;
  return cursor;
}

}  // namespace

tl::expected<TableName, Refusal> parse_table(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    auto part = take_identifier(text, '.', "table");
    if (!part) return tl::unexpected(part.error());
    parts.push_back(std::move(*part));
    if (text.empty()) break;
    if (text.front() != '.' || parts.size() == 2) {
      return refuse("table", "Invalid table name: it is name or schema.name");
    }
    text.remove_prefix(1);
  }
  if (parts.size() == 1) return TableName{"public", std::move(parts[0])};
  return TableName{std::move(parts[0]), std::move(parts[1])};
}

tl::expected<std::vector<std::string>, Refusal> parse_columns(const std::string* text) {
  std::vector<std::string> columns;
  if (text == nullptr) return columns;
  std::string_view rest = *text;
  for (;;) {
    auto column = take_identifier(rest, ',', "columns");
    if (!column) return tl::unexpected(column.error());
    columns.push_back(std::move(*column));
    if (rest.empty()) break;
    if (rest.front() != ',') return refuse("columns", "Invalid list: names are joined by commas");
    rest.remove_prefix(1);
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

tl::expected<ShapeRequest, Refusal> parse_shape_request(const net::ServerRequest& request) {
  const auto& query = request.query;
  const auto text_of = [&query](std::string_view name) {
    const auto* value = find_parameter(query, name);
    return value == nullptr ? std::string() : *value;
  };
  ShapeRequest wanted;
  const std::string table = text_of("table");
  if (table.empty()) return refuse("table", "can't be blank");
  auto name = parse_table(table);
  if (!name) return tl::unexpected(name.error());
  wanted.key.table = std::move(*name);

  const std::string offset = text_of("offset");
  if (offset.empty()) return refuse("offset", "can't be blank");
  const auto parsed = parse_offset(offset);
  if (!parsed) return refuse("offset", "has invalid format");
  wanted.offset = *parsed;

  const std::string replica = text_of("replica");
  if (!replica.empty() && replica != "default" && replica != "full") {
    return refuse("replica", "is invalid");
  }
  if (replica == "full") wanted.key.replica = Replica::full;
  auto columns = parse_columns(find_parameter(query, "columns"));
  if (!columns) return tl::unexpected(columns.error());
  wanted.key.columns = std::move(*columns);
  wanted.handle = text_of("handle");
  wanted.live = is_true(query, "live");
  wanted.cursor = parse_cursor(find_parameter(query, "cursor"));
  wanted.if_none_match = request.headers.get("if-none-match");
  if (auto wrong = find_contradiction(wanted, query)) return tl::unexpected(std::move(*wrong));
  if (auto wrong = find_unsupported(query)) return tl::unexpected(std::move(*wrong));
  return wanted;
}

}  // namespace patchbay::embedded
