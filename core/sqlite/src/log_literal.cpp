#include "log_literal.hpp"

#include <charconv>
#include <limits>
#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/cells/number.hpp>
#include <system_error>

namespace patchbay::sqlite {
namespace {

using Kind = FoundValue::Kind;

std::optional<FoundValue> text_value(std::string_view body, std::string& into) {
  into.clear();
  for (std::size_t at = 0; at < body.size(); ++at) {
    into.push_back(body[at]);
    if (body[at] != '\'') continue;
    if (++at >= body.size() || body[at] != '\'') return std::nullopt;
  }
  return FoundValue{.kind = Kind::text, .text = into};
}

std::optional<FoundValue> blob_value(std::string_view hex, std::string& into) {
  into.clear();
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    unsigned byte = 0;
    const std::string_view pair = hex.substr(at, 2);
    const auto read = std::from_chars(pair.data(), pair.data() + pair.size(), byte, 16);
    if (pair.size() != 2 || read.ptr != pair.data() + 2) return std::nullopt;
    into.push_back(static_cast<char>(byte));
  }
  return FoundValue{.kind = Kind::blob, .text = into};
}

std::optional<FoundValue> number_value(std::string_view literal) {
  const char* end = literal.data() + literal.size();
  FoundValue value;
  const auto whole = std::from_chars(literal.data(), end, value.integer);
  if (whole.ec == std::errc{} && whole.ptr == end) {
    value.kind = Kind::integer;
    return value;
  }
  const auto real = std::from_chars(literal.data(), end, value.real);
  if (real.ptr != end || real.ec == std::errc::invalid_argument) return std::nullopt;
  // quote() writes an infinity as a number too big for a double.
  if (real.ec == std::errc::result_out_of_range) {
    value.real = literal.starts_with('-') ? -std::numeric_limits<double>::infinity()
                                          : std::numeric_limits<double>::infinity();
  }
  value.kind = Kind::real;
  return value;
}

}  // namespace

std::optional<FoundValue> read_logged(std::string_view literal, std::string& into) {
  if (literal.starts_with('=')) {
    into.assign(literal.substr(1));
    return FoundValue{.kind = Kind::text, .text = into};
  }
  if (literal == "NULL") return FoundValue{};
  if (literal.size() >= 2 && literal.ends_with('\'')) {
    if (literal.starts_with('\'')) {
      return text_value(literal.substr(1, literal.size() - 2), into);
    }
    if (literal.size() >= 3 && text::lower(literal[0]) == 'x' && literal[1] == '\'') {
      return blob_value(literal.substr(2, literal.size() - 3), into);
    }
    return std::nullopt;
  }
  return literal.empty() ? std::nullopt : number_value(literal);
}

}  // namespace patchbay::sqlite
