#include "includes.hpp"

#include "code_view.hpp"

namespace tidy {

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> includes;
  const CodeView view = split_code(file.text);
  std::size_t number = 0;
  for (const std::string_view line : lines_of(view.directives)) {
    ++number;
    const std::size_t word = line.find("include");
    if (word == std::string_view::npos || line.find('#') > word) continue;
    const std::size_t open = line.find_first_of("<\"", word);
    if (open == std::string_view::npos) continue;
    const std::size_t close = line.find_first_of(">\"", open + 1);
    if (close == std::string_view::npos) continue;
    includes.push_back(
        {std::string(line.substr(open + 1, close - open - 1)), line[open] == '"', number});
  }
  return includes;
}

}  // namespace tidy
