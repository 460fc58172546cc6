#include "json/value.hpp"

#include <nlohmann/json.hpp>

namespace patchbay::json {
namespace {

using Kind = Value::Kind;

void append_compact(const Value& value, std::string& out) {
  std::string_view separator;
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
    case Kind::number:
      out += value.text;
      return;
    case Kind::string:
      out += quote(value.text);
      return;
    case Kind::array:
      out += '[';
      for (const Value& element : value.elements) {
        out += std::exchange(separator, ",");
        append_compact(element, out);
      }
      out += ']';
      return;
    case Kind::object:
      out += '{';
      for (const auto& [name, member] : value.members) {
        out += std::exchange(separator, ",");
        out += quote(name) + ':';
        append_compact(member, out);
      }
      out += '}';
      return;
  }
}

}  // namespace

const Value* Value::find(std::string_view name) const noexcept {
  for (const auto& [member, value] : members) {
    if (member == name) return &value;
  }
  return nullptr;
}

std::string Value::plain_text() const {
  return is(Kind::array) || is(Kind::object) ? compact() : text;
}

std::string Value::compact() const {
  std::string out;
  append_compact(*this, out);
  return out;
}

std::string_view kind_name(Value::Kind kind) noexcept {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
  }
  return "something else";
}

std::string quote(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace patchbay::json
