#include "backend/sql_error.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace patchbay::backend {
namespace {

constexpr std::array<std::string_view, 12> kLabels{
    "LINE ",          "DETAIL:  ",     "HINT:  ",        "QUERY:  ",         "CONTEXT:  ",
    "SCHEMA NAME:  ", "TABLE NAME:  ", "COLUMN NAME:  ", "DATATYPE NAME:  ", "CONSTRAINT NAME:  ",
    "LOCATION:  ",    "STATEMENT:  "};

/// The last line with that label: fields come after the message, which may imitate them.
std::string field(std::string_view text, std::string_view label) {
  const std::string start = "\n" + std::string(label) + ":  ";
  const std::size_t at = text.rfind(start);
  if (at == text.npos) return {};
  text.remove_prefix(at + start.size());
  return std::string(text.substr(0, text.find('\n')));
}

unsigned parameter_number(std::string_view context) {
  constexpr std::string_view kStart = "unnamed portal parameter $";
  if (context.substr(0, kStart.size()) != kStart) return 0;
  context.remove_prefix(kStart.size());
  unsigned number = 0;
  std::from_chars(context.data(), context.data() + context.size(), number);
  return number;
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

SqlError parse_sql_error(std::string_view verbose) {
  SqlError error;
  std::string_view message = verbose;
  const std::size_t severity = verbose.find(":  ");
  if (severity != verbose.npos && is_sqlstate(verbose.substr(severity + 3, 5))) {
    error.code = verbose.substr(severity + 3, 5);
    message = verbose.substr(std::min(severity + 10, verbose.size()));
    error.constraint = field(verbose, "CONSTRAINT NAME");
    error.column = field(verbose, "COLUMN NAME");
    error.parameter = parameter_number(field(verbose, "CONTEXT"));
  } else {
    message = message.substr(0, message.find("\n\t"));  // there libpq begins to guess why
  }
  std::size_t end = message.size();
  for (const std::string_view label : kLabels) {
    end = std::min(end, message.find("\n" + std::string(label)));
  }
  error.message = trimmed(message.substr(0, end));
  return error;
}

}  // namespace patchbay::backend
