#include <cctype>

#include "rules.hpp"
#include "test_names.hpp"

namespace tidy {
namespace {

constexpr std::string_view kLaws = "docs/pattern-laws.md";

bool begins_law(std::string_view line) {
  const std::size_t at = line.find_first_not_of('#');
  return at != std::string_view::npos && at > 0 && at + 1 < line.size() && line[at] == ' ' &&
         std::isdigit(static_cast<unsigned char>(line[at + 1])) != 0;
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
