#include "json_value.hpp"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "text/json_numbers.hpp"
#include "tuning.hpp"

namespace patchbay::api {
namespace {

using Kind = JsonValue::Kind;

/// Builds the tree from nlohmann's events; false from any of them ends the parse.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(text::JsonNumbers& numbers) : numbers_(numbers) {}

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add(scalar(Kind::boolean, value ? "true" : "false")); }
  bool number_integer(number_integer_t) override { return number(); }
  bool number_unsigned(number_unsigned_t) override { return number(); }
  bool number_float(number_float_t, const string_t&) override { return number(); }
  bool string(string_t& value) override { return add(scalar(Kind::text, std::move(value))); }
  bool binary(binary_t&) override { return fail("binary data is no JSON"); }
  bool start_object(std::size_t) override { return open(Kind::object); }
  bool key(string_t& name) override {
    if (!names_.back().insert(name).second) {
      return fail("the member \"" + name + "\" comes twice in one object");
    }
    open_.back().members.emplace_back(std::move(name), JsonValue{});
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& thrown) override {
    const std::string message = thrown.what();
    const std::size_t prefix = message.find("] ");
    return fail(prefix == std::string::npos ? message : message.substr(prefix + 2));
  }

  JsonValue root;
  std::string error;

 private:
  static JsonValue scalar(Kind kind, std::string text) {
    JsonValue value;
    value.kind = kind;
    value.text = std::move(text);
    return value;
  }
  bool number() { return add(scalar(Kind::number, std::string(numbers_.next()))); }
  bool fail(std::string why) {
    error = std::move(why);
    return false;
  }
  bool open(Kind kind) {
    if (open_.size() >= kJsonDepthMax) {
      return fail("it is nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    if (!count()) return false;
    open_.push_back(scalar(kind, ""));
    names_.emplace_back();
    return true;
  }
  bool close() {
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    names_.pop_back();
    return place(std::move(value));
  }
  bool count() {
    if (++values_ <= kJsonValuesMax) return true;
    return fail("it has more than " + std::to_string(kJsonValuesMax) + " values");
  }
  bool add(JsonValue value) { return count() && place(std::move(value)); }
  bool place(JsonValue value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().kind == Kind::array) {
      open_.back().elements.push_back(std::move(value));
    } else {
      open_.back().members.back().second = std::move(value);
    }
    return true;
  }

  text::JsonNumbers& numbers_;
  std::vector<JsonValue> open_;
  std::vector<std::unordered_set<std::string>> names_;  // of each open object
  std::size_t values_ = 0;
};

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_compact(const JsonValue& value, std::string& out) {
  std::string_view separator;
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
    case Kind::number:
      out += value.text;
      return;
    case Kind::text:
      out += quoted(value.text);
      return;
    case Kind::array:
      out += '[';
      for (const JsonValue& element : value.elements) {
        out += std::exchange(separator, ",");
        append_compact(element, out);
      }
      out += ']';
      return;
    case Kind::object:
      out += '{';
      for (const auto& [name, member] : value.members) {
        out += std::exchange(separator, ",");
        out += quoted(name) + ':';
        append_compact(member, out);
      }
      out += '}';
      return;
  }
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const noexcept {
  for (const auto& [member, value] : members) {
    if (member == name) return &value;
  }
  return nullptr;
}

std::string JsonValue::compact() const {
  std::string out;
  append_compact(*this, out);
  return out;
}

std::string_view kind_name(JsonValue::Kind kind) noexcept {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::number:
      return "a number";
    case Kind::text:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
  }
  return "something else";
}

Result<JsonValue> parse_json(std::string_view text, std::string_view what) {
  text::JsonNumbers numbers(text);
  TreeBuilder builder(numbers);
  if (nlohmann::json::sax_parse(numbers.parsable(), &builder)) return std::move(builder.root);
  return failure(ErrorCode::rejected,
                 std::string(what) + " cannot be read as JSON: " + builder.error + ".");
}

}  // namespace patchbay::api
