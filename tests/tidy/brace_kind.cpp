#include "brace_kind.hpp"

#include <algorithm>
#include <initializer_list>

namespace tidy {
namespace {

using Words = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view text, Words words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// The index of what `close` closes; 0 where nothing does.
std::size_t match_back(const Tokens& tokens, std::size_t close, std::string_view opening) {
  std::size_t depth = 0;
  for (std::size_t at = close + 1; at-- > 0;) {
    if (tokens[at].text == tokens[close].text) ++depth;
    if (tokens[at].text == opening && --depth == 0) return at;
  }
  return 0;
}

std::string_view text_before(const Tokens& tokens, std::size_t at) {
  return at == 0 ? std::string_view() : tokens[at - 1].text;
}

bool opens_lambda(const Tokens& tokens, std::size_t bracket) {
  if (bracket == 0) return true;
  const Token& before = tokens[bracket - 1];
  if (is_one_of(before.text, {"return", "co_return", "co_await", "throw", "case"})) return true;
  return !is_word(before) && !is_one_of(before.text, {")", "]", "\"\""});
}

// Steps back over what may stand between a parameter list and its body: const, noexcept(…),
// [[likely]] and the like. Gives the index of the last token that is none of it.
std::size_t before_qualifiers(const Tokens& tokens, std::size_t last) {
  while (last > 0) {
    const std::string_view text = tokens[last].text;
    if (is_one_of(text, {"const", "noexcept", "override", "final", "mutable", "&"})) {
      --last;
      continue;
    }
    const bool group = is_one_of(text, {")", "]"});
    const std::size_t open = group ? match_back(tokens, last, text == ")" ? "(" : "[") : 0;
    const bool is_noexcept = text == ")" && text_before(tokens, open) == "noexcept";
    const bool is_attribute =
        text == "]" && tokens[last - 1].text == "]" && open > 0 && tokens[open + 1].text == "[";
    if (open == 0 || (!is_noexcept && !is_attribute)) break;
    last = open - 1;
  }
  return last;
}

// Steps back over `-> Type`; stays where there is none.
std::size_t before_return_type(const Tokens& tokens, std::size_t last) {
  std::size_t angles = 0;
  for (std::size_t at = last; at > 0; --at) {
    const std::string_view text = tokens[at].text;
    if (text == "->") {
      const std::size_t before = before_qualifiers(tokens, at - 1);
      return is_one_of(tokens[before].text, {")", "]"}) ? before : last;
    }
    if (text == ">") ++angles;
    if (text == "<") angles -= angles > 0 ? 1 : 0;
    const bool type = is_word(tokens[at]) || is_one_of(text, {"::", "<", ">", "*", "&"});
    if (!type && !(angles > 0 && is_one_of(text, {",", "(", ")"}))) break;
  }
  return last;
}

std::size_t end_of_heading(const Tokens& tokens, const BracePlace& place) {
  return before_return_type(tokens, before_qualifiers(tokens, place.brace - 1));
}

bool statement_has(const Tokens& tokens, const BracePlace& place, Words words) {
  for (std::size_t at = place.statement; at < place.brace; ++at) {
    if (is_one_of(tokens[at].text, words)) return true;
  }
  return false;
}

bool holds_statements(BraceKind kind) {
  return kind == BraceKind::Function || kind == BraceKind::Lambda || kind == BraceKind::Block;
}

bool holds_declarations(BraceKind kind) {
  return kind == BraceKind::Namespace || kind == BraceKind::Type;
}

BraceKind kind_after_parens(const Tokens& tokens, const BracePlace& place, std::size_t close) {
  const std::size_t open = match_back(tokens, close, "(");
  const std::string_view before = text_before(tokens, open);
  if (is_one_of(before, {"if", "for", "while", "switch", "catch", "constexpr"})) {
    return BraceKind::Block;
  }
  if (before == "requires") return BraceKind::Value;
  std::size_t bracket = open == 0 ? 0 : open - 1;
  if (before == ">") bracket = match_back(tokens, bracket, "<") - 1;  // []<class T>(…)
  if (tokens[bracket].text == "]") {
    const std::size_t opening = match_back(tokens, bracket, "[");
    if (opens_lambda(tokens, opening)) return BraceKind::Lambda;
  }
  if (place.in_parens || place.outer == BraceKind::Value) return BraceKind::Value;
  return holds_declarations(place.outer) ? BraceKind::Function : BraceKind::Block;
}

}  // namespace

BraceKind kind_of_brace(const Tokens& tokens, const BracePlace& place) {
  if (place.brace == 0) return BraceKind::Block;
  const std::size_t last = end_of_heading(tokens, place);
  const std::string_view text = tokens[last].text;
  if (text == ")") return kind_after_parens(tokens, place, last);
  if (text == "]" && opens_lambda(tokens, match_back(tokens, last, "["))) return BraceKind::Lambda;
  if (place.in_parens || place.outer == BraceKind::Value) return BraceKind::Value;
  if (place.after_value_brace && holds_declarations(place.outer)) return BraceKind::Function;
  if (is_one_of(text, {"=", ",", "return"})) return BraceKind::Value;
  if (statement_has(tokens, place, {"namespace", "extern"})) return BraceKind::Namespace;
  if (statement_has(tokens, place, {"class", "struct", "union", "enum"})) return BraceKind::Type;
  const bool block = is_one_of(text, {"else", "do", "try", ":", ";", "{", "}"});
  return block && holds_statements(place.outer) ? BraceKind::Block : BraceKind::Value;
}

std::size_t parameter_list(const Tokens& tokens, const BracePlace& place, BraceKind kind) {
  if (kind == BraceKind::Lambda) {
    const std::size_t last = end_of_heading(tokens, place);
    return tokens[last].text == ")" ? match_back(tokens, last, "(") : place.brace;
  }
  std::size_t angles = 0;
  for (std::size_t at = place.statement; at < place.brace; ++at) {
    const std::string_view text = tokens[at].text;
    const std::string_view before = text_before(tokens, at);
    if (before == "operator") continue;
    if (text == "<") ++angles;
    if (text == ">") angles -= angles > 0 ? 1 : 0;
    if (text != "(" || angles > 0) continue;
    if (!is_one_of(before, {"decltype", "alignas", "explicit", "requires"})) return at;
  }
  return place.brace;
}

std::size_t count_parameters(const Tokens& tokens, std::size_t open) {
  if (open + 1 >= tokens.size() || tokens[open].text != "(") return 0;
  if (tokens[open + 1].text == ")") return 0;
  std::size_t depth = 0;
  std::size_t commas = 0;
  for (std::size_t at = open; at < tokens.size(); ++at) {
    const std::string_view text = tokens[at].text;
    if (is_one_of(text, {"(", "[", "{", "<"})) ++depth;
    if (is_one_of(text, {")", "]", "}", ">"}) && --depth == 0) break;
    if (text == "," && depth == 1) ++commas;
  }
  return commas + 1;
}

}  // namespace tidy
