#include "database/sql_error.hpp"

#include <algorithm>
#include <charconv>

namespace patchbay {
namespace {

constexpr std::string_view kDigits = "0123456789";

/// The text before the quoted value at its end, which may have any lines and numbers; quotes in the
/// value are doubled.
std::string_view before_value(std::string_view text) {
  if (!text.ends_with('\'')) return text;
  std::string_view value = text.substr(0, text.size() - 1);
  while (true) {
    const std::size_t quote = value.rfind('\'');
    if (quote == std::string_view::npos) return text;
    if (quote == 0 || value[quote - 1] != '\'') return value.substr(0, quote);
    value = value.substr(0, quote - 1);
  }
}

std::string_view last_line(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('=')) text.remove_suffix(1);
  const std::size_t start = text.rfind('\n');
  return start == std::string_view::npos ? text : text.substr(start + 1);
}

}  // namespace

unsigned parameter_at_fault(std::string_view context) noexcept {
  const std::string_view line = last_line(before_value(context));
  const std::size_t first = line.find_first_of(kDigits);
  if (first == std::string_view::npos || line.find("SQL") != std::string_view::npos) return 0;
  if (line.find_first_of(":'") != std::string_view::npos) return 0;
  const std::size_t end = std::min(line.find_first_not_of(kDigits, first), line.size());
  const std::string_view rest = line.substr(end);
  const bool is_marked = first > 0 && line[first - 1] == '$';
  if (rest.find_first_of(kDigits) != std::string_view::npos) return 0;
  if (!is_marked && !rest.empty()) return 0;
  unsigned number = 0;
  std::from_chars(line.data() + first, line.data() + end, number);
  return number;
}

}  // namespace patchbay
