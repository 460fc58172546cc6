#include "json/parse.hpp"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "text/json_numbers.hpp"

namespace patchbay::json {
namespace {

using Kind = Value::Kind;

/// Builds the document from nlohmann's events; false from any of them ends the parse.
class DocumentBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  DocumentBuilder(text::JsonNumbers& numbers, const Bounds& bounds)
      : numbers_(numbers), bounds_(bounds) {}

  bool null() override { return add(Kind::null, ""); }
  bool boolean(bool value) override { return add(Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t) override { return number(); }
  bool number_unsigned(number_unsigned_t) override { return number(); }
  bool number_float(number_float_t, const string_t&) override { return number(); }
  bool string(string_t& text) override {
    return check_nul(text) && add(Kind::string, std::move(text));
  }
  bool binary(binary_t&) override { return fail(Fault::Kind::malformed, "binary values"); }
  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!check_nul(name)) return false;
    if (!open_.back().names.insert(name).second) {
      return fail(Fault::Kind::repeated_member, std::move(name));
    }
    open_.back().value.members.emplace_back(std::move(name), Value{});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& thrown) override {
    const std::string_view what = thrown.what();
    const std::size_t prefix = what.find("] ");
    return fail(Fault::Kind::malformed,
                std::string(prefix == what.npos ? what : what.substr(prefix + 2)), position);
  }

  Value root;
  Fault fault;

 private:
  struct Open {
    Value value;
    std::unordered_set<std::string> names;  ///< Of an object's members so far.
  };

  bool fail(Fault::Kind kind, std::string detail, std::size_t byte = 0) {
    fault = Fault{kind, std::move(detail), byte};
    return false;
  }

  bool check_nul(const std::string& text) {
    return bounds_.nul_allowed || text.find('\0') == std::string::npos ||
           fail(Fault::Kind::nul_character, "");
  }

  bool count() {
    return ++values_ <= bounds_.values_max ||
           fail(Fault::Kind::too_many_values, std::to_string(bounds_.values_max));
  }

  bool number() { return add(Kind::number, std::string(numbers_.next())); }

  bool add(Kind kind, std::string text) {
    return count() && place(Value{kind, std::move(text), {}, {}});
  }

  bool open(Kind kind) {
    if (open_.size() >= bounds_.depth_max) {
      return fail(Fault::Kind::nested_too_deep, std::to_string(bounds_.depth_max));
    }
    if (!count()) return false;
    open_.push_back(Open{Value{kind, "", {}, {}}, {}});
    return true;
  }

  bool close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    return place(std::move(value));
  }

  bool place(Value value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().value.is(Kind::array)) {
      open_.back().value.elements.push_back(std::move(value));
    } else {
      open_.back().value.members.back().second = std::move(value);
    }
    return true;
  }

  text::JsonNumbers& numbers_;
  const Bounds bounds_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
};

}  // namespace

tl::expected<Value, Fault> parse(std::string_view text, const Bounds& bounds) {
  text::JsonNumbers numbers(text);
  DocumentBuilder builder(numbers, bounds);
  if (nlohmann::json::sax_parse(numbers.parsable(), &builder)) return std::move(builder.root);
  return tl::make_unexpected(std::move(builder.fault));
}

}  // namespace patchbay::json
