// Reading single JSON values: shared by the parsers of messages, schema headers and error bodies,
// which alone see simdjson.
#pragma once

#include <simdjson.h>

#include <charconv>
#include <cstdint>
#include <string_view>

namespace patchbay::electric {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

/// Decimal digits in a string, or a plain number.
inline error_code read_number(ondemand::value value, std::uint64_t& out) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type != ondemand::json_type::string) return value.get_uint64().get(out);
  std::string_view text;
  if (const auto error = value.get_string().get(text)) return error;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = failed == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? SUCCESS : simdjson::NUMBER_ERROR;
}

/// True when only white space follows what was read.
inline error_code check_end(ondemand::document& document) {
  const error_code at = document.current_location().error();
  return at == simdjson::OUT_OF_BOUNDS ? SUCCESS : simdjson::TAPE_ERROR;
}

}  // namespace patchbay::electric
