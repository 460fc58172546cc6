#include "rows/table_name.hpp"

#include <algorithm>
#include <patchbay/kit/ascii.hpp>
#include <utility>

namespace patchbay::rows {
namespace {

constexpr std::string_view kPublic = "public";

bool starts_bare(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}
bool continues_bare(char c) {
  return starts_bare(c) || (c >= '0' && c <= '9') || c == '$';
}

/// SQL takes letters of every language bare.
bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80U;
}

bool needs_quotes_in_sql(const std::string& part) {
  return !starts_bare(part.front()) || !std::ranges::all_of(part, continues_bare);
}

bool needs_quotes_in_exact(const std::string& part) {
  return part.find_first_of(".\"") != std::string::npos;
}

/// Takes a quoted part off the front of `rest`; empty when it is empty or its quote never ends.
std::string take_quoted(std::string_view& rest) {
  std::string part;
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] != '"') {
      part.push_back(rest[at]);
    } else if (at + 1 < rest.size() && rest[at + 1] == '"') {
      part.push_back(rest[at++]);
    } else {
      rest.remove_prefix(at + 1);
      return part;
    }
  }
  return {};
}

std::string take_exact(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of(".\""), rest.size());
  std::string part(rest.substr(0, end));
  rest.remove_prefix(end);
  return part;
}

/// Empty when what stands there does not start as a part does.
std::string take_folded(std::string_view& rest) {
  std::string part;
  while (!rest.empty() &&
         (continues_bare(text::lower(rest.front())) || is_beyond_ascii(rest.front()))) {
    part.push_back(text::lower(rest.front()));
    rest.remove_prefix(1);
  }
  const bool starts = !part.empty() && (starts_bare(part.front()) || is_beyond_ascii(part.front()));
  return starts ? part : std::string();
}

std::string take_part(std::string_view& rest, BareParts bare) {
  if (rest.starts_with('"')) return take_quoted(rest);
  return bare == BareParts::exact ? take_exact(rest) : take_folded(rest);
}

template <typename NeedsQuotes>
std::string spelled(const TableName& table, NeedsQuotes needs_quotes) {
  const auto part = [&](const std::string& text) {
    return needs_quotes(text) ? quote_identifier(text) : text;
  };
  return table.schema == kPublic ? part(table.name) : part(table.schema) + '.' + part(table.name);
}

}  // namespace

std::string quote_identifier(std::string_view identifier) {
  std::string quoted = "\"";
  for (const char c : identifier) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + '"';
}

std::optional<TableName> TableName::parse(std::string_view text, BareParts bare) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string first = take_part(text, bare);
  if (first.empty()) return std::nullopt;
  if (text.empty()) return TableName{std::string(kPublic), std::move(first)};
  if (!text.starts_with('.')) return std::nullopt;
  text.remove_prefix(1);
  std::string second = take_part(text, bare);
  if (second.empty() || !text.empty()) return std::nullopt;
  return TableName{std::move(first), std::move(second)};
}

std::string TableName::exact_text() const {
  return spelled(*this, needs_quotes_in_exact);
}

std::string TableName::folded_text() const {
  return spelled(*this, needs_quotes_in_sql);
}

std::string TableName::sql() const {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

Result<std::string> canonical_table(std::string_view name) {
  const auto table = TableName::parse(name, BareParts::folded);
  if (table) return table->folded_text();
  return failure(ErrorCode::rejected,
                 "\"" + std::string(name) +
                     "\" is not a table name; write it as name or schema.name, in double quotes "
                     "where it has capitals, spaces or signs.");
}

}  // namespace patchbay::rows
