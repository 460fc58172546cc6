#include "backend/body_json.hpp"

#include "backend/tuning.hpp"
#include "json/parse.hpp"

namespace patchbay::backend {
namespace {

std::string reason(const json::Fault& fault) {
  switch (fault.kind) {
    case json::Fault::Kind::malformed:
      return "it is not valid JSON near byte " + std::to_string(fault.byte) + ": " + fault.detail;
    case json::Fault::Kind::repeated_member:
      return "the member " + json::quote(fault.detail) + " is given twice";
    case json::Fault::Kind::nul_character:
      return "a text contains the character U+0000, which PostgreSQL cannot store";
    case json::Fault::Kind::nested_too_deep:
      return "it is nested deeper than " + fault.detail + " levels";
    case json::Fault::Kind::too_many_values:
      return "it has more than " + fault.detail + " values";
  }
  return fault.detail;
}

}  // namespace

Result<json::Value> parse_body(std::string_view body) {
  auto value = json::parse(body, {kJsonDepthMax, kJsonValuesMax, false});
  if (value) return std::move(*value);
  const bool too_many = value.error().kind == json::Fault::Kind::too_many_values;
  return failure(too_many ? ErrorCode::unsupported : ErrorCode::rejected,
                 "The body was refused: " + reason(value.error()) + ".");
}

}  // namespace patchbay::backend
