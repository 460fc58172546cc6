#include "backend/json_tree.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "backend/tuning.hpp"
#include "text/json_numbers.hpp"

namespace patchbay::backend {
namespace {

using Kind = JsonTree::Kind;

/// Builds the tree from the parser's events; every method answers whether to go on.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(text::JsonNumbers& numbers) : numbers_(numbers) {}

  bool null() override { return add(Kind::null, ""); }
  bool boolean(bool value) override { return add(Kind::boolean, value ? "true" : "false"); }
  bool number_integer(std::int64_t) override { return number(); }
  bool number_unsigned(std::uint64_t) override { return number(); }
  bool number_float(double, const std::string&) override { return number(); }
  bool string(std::string& text) override {
    return sound(text) && add(Kind::string, std::move(text));
  }
  bool binary(nlohmann::json::binary_t&) override { return fail("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    if (!sound(name)) return false;
    if (!open_.back().names.insert(name).second) {
      return fail("the member " + json_string(name) + " is given twice");
    }
    open_.back().name = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string_view what = error.what();
    const std::size_t start = what.find("] ");
    return fail("it is not valid JSON near byte " + std::to_string(position) + ": " +
                std::string(start == what.npos ? what : what.substr(start + 2)));
  }

  Result<JsonTree> take() {
    if (error_) return failure(error_->code, "The body was refused: " + error_->message + ".");
    return std::move(root_);
  }

 private:
  struct Open {
    JsonTree* value;
    std::string name;
    std::unordered_set<std::string> names;
  };

  bool number() { return add(Kind::number, std::string(numbers_.next())); }

  bool fail(std::string message, ErrorCode code = ErrorCode::rejected) {
    error_ = Error{code, std::move(message)};
    return false;
  }

  bool sound(const std::string& text) {
    return text.find('\0') == std::string::npos ||
           fail("a text contains the character U+0000, which PostgreSQL cannot store");
  }

  JsonTree* place() {
    if (open_.empty()) return &root_;
    Open& parent = open_.back();
    if (parent.value->kind == Kind::array) return &parent.value->items.emplace_back();
    return &parent.value->members.emplace_back(std::move(parent.name), JsonTree{}).second;
  }

  bool add(Kind kind, std::string text) {
    if (++values_ > kJsonValuesMax) {
      return fail("it has more than " + std::to_string(kJsonValuesMax) + " values",
                  ErrorCode::unsupported);
    }
    JsonTree* value = place();
    value->kind = kind;
    value->text = std::move(text);
    last_ = value;
    return true;
  }

  bool open(Kind kind) {
    if (open_.size() >= kJsonDepthMax) {
      return fail("it is nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    if (!add(kind, "")) return false;
    // A sibling is added only once this one is closed, so the pointer stays valid while it is open.
    open_.push_back(Open{last_, {}, {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  text::JsonNumbers& numbers_;
  JsonTree root_;
  JsonTree* last_ = nullptr;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

void dump_into(const JsonTree& tree, std::string& out) {
  const char* separator = "";
  switch (tree.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
    case Kind::number:
      out += tree.text;
      return;
    case Kind::string:
      out += json_string(tree.text);
      return;
    case Kind::array:
      out.push_back('[');
      for (const JsonTree& item : tree.items) {
        out += std::exchange(separator, ",");
        dump_into(item, out);
      }
      out.push_back(']');
      return;
    case Kind::object:
      out.push_back('{');
      for (const auto& [name, value] : tree.members) {
        out += std::exchange(separator, ",");
        out += json_string(name);
        out.push_back(':');
        dump_into(value, out);
      }
      out.push_back('}');
      return;
  }
}

}  // namespace

const JsonTree* JsonTree::find(std::string_view name) const noexcept {
  for (const auto& [member, value] : members) {
    if (member == name) return &value;
  }
  return nullptr;
}

std::string JsonTree::dump() const {
  std::string out;
  dump_into(*this, out);
  return out;
}

Result<JsonTree> parse_json(std::string_view body) {
  text::JsonNumbers numbers(body);
  TreeBuilder builder(numbers);
  nlohmann::json::sax_parse(numbers.parsable(), &builder);
  return builder.take();
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace patchbay::backend
