// The words and signs of a piece of C++, in order, for the rules that follow its structure.
// From CodeView::code → to function_scan and the naming rule. Texts are views of that code.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tidy {

struct Token {
  std::string_view text;  // a word, "::", "->", a literal as its quotes, or one sign
  std::size_t line = 0;
};
using Tokens = std::vector<Token>;

// A letter, a digit or an underscore.
bool is_word_char(char c);

Tokens tokens_of(std::string_view code);

bool is_word(const Token& token);

}  // namespace tidy
