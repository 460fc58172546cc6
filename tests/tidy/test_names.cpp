#include "test_names.hpp"

#include <algorithm>
#include <cctype>

namespace tidy {
namespace {

// "WriteQueue.KeepsOrder", as it stands between backticks; "a.cpp" is none.
bool names_test(std::string_view word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 >= word.size()) return false;
  const auto capital = [&](std::size_t at) {
    return std::isupper(static_cast<unsigned char>(word[at])) != 0;
  };
  return capital(0) && capital(dot + 1) && word.find(' ') == std::string_view::npos;
}

}  // namespace

std::vector<std::string> tests_in(std::string_view line) {
  std::vector<std::string> tests;
  for (std::size_t open = line.find('`'); open != std::string_view::npos;) {
    const std::size_t close = line.find('`', open + 1);
    if (close == std::string_view::npos) break;
    const std::string_view word = line.substr(open + 1, close - open - 1);
    if (names_test(word)) tests.emplace_back(word);
    open = line.find('`', close + 1);
  }
  return tests;
}

bool is_written(const SourceTree& tree, const std::string& test) {
  const std::size_t dot = test.find('.');
  const std::string words = "(" + test.substr(0, dot) + ", " + test.substr(dot + 1) + ")";
  return std::any_of(tree.begin(), tree.end(), [&](const SourceFile& file) {
    return file.is_in("tests") && file.text.find(words) != std::string::npos;
  });
}

}  // namespace tidy
