#include <algorithm>

#include "code_view.hpp"
#include "rules.hpp"

namespace tidy {
namespace {

constexpr std::string_view kContract = "core/include/patchbay/";
constexpr std::size_t kContractLinesMax = 650;

bool is_contract(const SourceFile& file) {
  return std::string_view(file.path).substr(0, kContract.size()) == kContract &&
         file.path.find('/', kContract.size()) == std::string::npos;
}

std::size_t lines_with_text(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text);
  return static_cast<std::size_t>(std::ranges::count_if(lines, [](std::string_view line) {
    return line.find_first_not_of(" \t") != std::string_view::npos;
  }));
}

}  // namespace

Findings check_contract_size(const SourceTree& tree) {
  std::size_t lines = 0;
  for (const SourceFile& file : tree) {
    if (!is_contract(file)) continue;
    const CodeView view = split_code(file.text);
    lines += lines_with_text(view.code) + lines_with_text(view.directives);
  }
  if (lines <= kContractLinesMax) return {};
  return {{std::string(kContract), 1,
           "has " + std::to_string(lines) + " lines of code, more than " +
               std::to_string(kContractLinesMax),
           "move what a pattern may use, but need not know, to patchbay/kit"}};
}

}  // namespace tidy
