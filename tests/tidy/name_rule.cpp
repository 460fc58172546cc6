#include <algorithm>
#include <array>

#include "code_view.hpp"
#include "rules.hpp"
#include "tokens.hpp"

namespace tidy {
namespace {

constexpr const char* kAdvice = "say what it does: shape follower, batch builder, write queue";

constexpr std::array<std::string_view, 8> kTypeEnds{"Manager", "Handler", "Util", "Utils",
                                                    "Helper",  "Impl",    "Base", "Info"};
constexpr std::array<std::string_view, 9> kFileWords{
    "manager", "handler", "util", "utils", "helper", "helpers", "impl", "base", "info"};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool opens_type(std::string_view text) {
  return text == "class" || text == "struct" || text == "union" || text == "enum";
}

std::string_view last_word_of_stem(std::string_view name) {
  const std::string_view stem = name.substr(0, name.find('.'));
  const std::size_t before = stem.find_last_of("_-");
  return before == std::string_view::npos ? stem : stem.substr(before + 1);
}

}  // namespace

Findings check_names(const SourceFile& file) {
  if (!file.is_cpp()) return {};
  Findings found;
  const std::string_view word = last_word_of_stem(file.name());
  if (std::find(kFileWords.begin(), kFileWords.end(), word) != kFileWords.end()) {
    found.push_back({file.path, 1, "a file called " + std::string(word), kAdvice});
  }
  const CodeView view = split_code(file.text);
  const Tokens tokens = tokens_of(view.code);
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (!opens_type(tokens[i - 1].text)) continue;
    const std::string_view name = tokens[i].text;
    const bool banned = std::any_of(kTypeEnds.begin(), kTypeEnds.end(),
                                    [&](std::string_view end) { return ends_with(name, end); });
    if (banned) {
      found.push_back({file.path, tokens[i].line, "a type called " + std::string(name), kAdvice});
    }
  }
  return found;
}

}  // namespace tidy
