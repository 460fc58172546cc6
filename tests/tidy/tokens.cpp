#include "tokens.hpp"

#include <algorithm>
#include <cctype>

namespace tidy {
namespace {

std::size_t token_length(std::string_view rest) {
  if (is_word_char(rest[0])) {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_word_char);
    return static_cast<std::size_t>(end - rest.begin());
  }
  if (rest[0] == '"') return std::min(rest.find('"', 1), rest.size() - 1) + 1;
  const std::string_view pair = rest.substr(0, 2);
  return pair == "::" || pair == "->" ? 2 : 1;
}

}  // namespace

bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

Tokens tokens_of(std::string_view code) {
  Tokens tokens;
  std::size_t line = 1;
  for (std::size_t at = 0; at < code.size();) {
    if (std::isspace(static_cast<unsigned char>(code[at])) != 0) {
      if (code[at++] == '\n') ++line;
      continue;
    }
    const std::string_view text = code.substr(at, token_length(code.substr(at)));
    tokens.push_back({text, line});
    line += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    at += text.size();
  }
  return tokens;
}

bool is_word(const Token& token) {
  return is_word_char(token.text.front());
}

}  // namespace tidy
