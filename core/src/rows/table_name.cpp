#include "rows/table_name.hpp"

#include <algorithm>
#include <patchbay/kit/ascii.hpp>
#include <utility>
#include <vector>

namespace patchbay::rows {
namespace {

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

std::string spelled(const std::string& identifier) {
  if (starts_bare(identifier.front()) && std::ranges::all_of(identifier, continues_bare)) {
    return identifier;
  }
  std::string quoted = "\"";
  for (const char c : identifier) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + '"';
}

/// Takes one identifier off the front of `rest`; empty when there is none.
std::string take_identifier(std::string_view& rest) {
  std::string identifier;
  if (!rest.starts_with('"')) {
    while (!rest.empty() &&
           (continues_bare(text::lower(rest.front())) || is_beyond_ascii(rest.front()))) {
      identifier.push_back(text::lower(rest.front()));
      rest.remove_prefix(1);
    }
    const bool starts = !identifier.empty() &&
                        (starts_bare(identifier.front()) || is_beyond_ascii(identifier.front()));
    return starts ? identifier : std::string();
  }
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '"') {
      identifier.push_back(c);
    } else if (rest.starts_with('"')) {
      identifier.push_back('"');
      rest.remove_prefix(1);
    } else {
      return identifier;
    }
  }
  return {};
}

}  // namespace

Result<std::string> canonical_table(std::string_view name) {
  std::string_view rest = name;
  std::vector<std::string> parts;
  do {
    if (!parts.empty()) rest.remove_prefix(1);
    parts.push_back(take_identifier(rest));
  } while (!parts.back().empty() && rest.starts_with('.') && parts.size() < 2);
  if (parts.back().empty() || !rest.empty()) {
    return failure(ErrorCode::rejected,
                   "\"" + std::string(name) +
                       "\" is no table name; write it as name or schema.name, in double quotes "
                       "where it has capitals, spaces or signs.");
  }
  if (parts.size() == 1 || parts.front() == "public") return spelled(parts.back());
  return spelled(parts.front()) + '.' + spelled(parts.back());
}

}  // namespace patchbay::rows
