#include "backend/table_name.hpp"

#include <algorithm>

namespace patchbay::backend {
namespace {

constexpr std::string_view kPublic = "public";

/// Takes one part from the front of `text`; false when it is empty or malformed.
bool take_part(std::string_view& text, std::string& part) {
  if (text.empty() || text.front() != '"') {
    const std::size_t end = std::min(text.find_first_of(".\""), text.size());
    part = text.substr(0, end);
    text.remove_prefix(end);
    return !part.empty();
  }
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '"') {
      part.push_back(text[at]);
    } else if (at + 1 < text.size() && text[at + 1] == '"') {
      part.push_back('"');
      ++at;
    } else {
      text.remove_prefix(at + 1);
      return !part.empty();
    }
  }
  return false;
}

std::string quote_if(bool needed, const std::string& part) {
  return needed ? quote_identifier(part) : part;
}

bool needs_quotes_in_name(const std::string& part) {
  return part.find_first_of(".\"") != std::string::npos;
}

bool folds_to_itself(const std::string& part) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return first(part.front()) && std::all_of(part.begin(), part.end(), [&](char c) {
           return first(c) || (c >= '0' && c <= '9');
         });
}

}  // namespace

std::string quote_identifier(std::string_view identifier) {
  std::string quoted = "\"";
  for (const char c : identifier) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::optional<TableName> TableName::parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  TableName table;
  if (!take_part(text, table.name)) return std::nullopt;
  if (text.empty()) {
    table.schema = kPublic;
    return table;
  }
  if (text.front() != '.') return std::nullopt;
  text.remove_prefix(1);
  table.schema = std::move(table.name);
  table.name.clear();
  if (!take_part(text, table.name) || !text.empty()) return std::nullopt;
  return table;
}

std::string TableName::text() const {
  const std::string own = quote_if(needs_quotes_in_name(name), name);
  return schema == kPublic ? own : quote_if(needs_quotes_in_name(schema), schema) + "." + own;
}

std::string TableName::sql() const {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string TableName::electric() const {
  const std::string own = quote_if(!folds_to_itself(name), name);
  return schema == kPublic ? own : quote_if(!folds_to_itself(schema), schema) + "." + own;
}

}  // namespace patchbay::backend
