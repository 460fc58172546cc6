#include <algorithm>
#include <cctype>

#include "rules.hpp"

namespace tidy {
namespace {

constexpr std::string_view kLaws = "docs/pattern-laws.md";

bool begins_law(std::string_view line) {
  const std::size_t at = line.find_first_not_of('#');
  return at != std::string_view::npos && at > 0 && at + 1 < line.size() && line[at] == ' ' &&
         std::isdigit(static_cast<unsigned char>(line[at + 1])) != 0;
}

// "WriteQueue.KeepsOrder", as it stands between backticks; "a.cpp" is none.
bool names_test(std::string_view word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 >= word.size()) return false;
  const auto capital = [&](std::size_t at) {
    return std::isupper(static_cast<unsigned char>(word[at])) != 0;
  };
  return capital(0) && capital(dot + 1) && word.find(' ') == std::string_view::npos;
}

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

}  // namespace

Findings check_laws(const SourceFile& file, const SourceTree& tree) {
  if (file.path != kLaws) return {};
  Findings found;
  std::size_t law = 0;  // the line of the law under way that has named no test yet
  std::size_t laws = 0;
  const auto end_law = [&] {
    if (law > 0) found.push_back({file.path, law, "a law without a test", "name what proves it"});
    law = 0;
  };
  std::size_t number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    if (begins_law(line)) {
      end_law();
      law = number;
      ++laws;
    }
    for (const std::string& test : tests_in(line)) {
      law = 0;
      if (is_written(tree, test)) continue;
      found.push_back({file.path, number, "names the test " + test,
                       "there is no such test: name the one that proves it"});
    }
  }
  end_law();
  if (laws == 0) found.push_back({file.path, 1, "no laws", "give each a heading with its number"});
  return found;
}

}  // namespace tidy
