#include "code_view.hpp"
#include "function_scan.hpp"
#include "rules.hpp"

namespace tidy {
namespace {

constexpr std::size_t kLinesMax = 60;
constexpr std::size_t kParametersMax = 5;
constexpr std::size_t kNestingMax = 4;

}  // namespace

Findings check_functions(const SourceFile& file) {
  if (!file.is_cpp()) return {};
  const FunctionScan scan = scan_functions(split_code(file.text).code);
  Findings found;
  if (!scan.braces_pair_up) {
    found.push_back({file.path, 1, "braces do not pair up",
                     "keep both braces of a pair in the same branch of an #if"});
  }
  for (const FunctionExtent& function : scan.functions) {
    const auto report = [&](std::size_t count, const char* what, const char* advice) {
      found.push_back({file.path, function.first_line,
                       "a function with " + std::to_string(count) + what, advice});
    };
    const std::size_t lines = function.last_line - function.first_line + 1;
    if (lines > kLinesMax) report(lines, " lines", "give its steps names of their own (60)");
    if (function.parameters > kParametersMax) {
      report(function.parameters, " parameters", "put what belongs together in a struct (5)");
    }
    if (function.nesting > kNestingMax) {
      report(function.nesting, " nested blocks", "return early or name the inner part (4)");
    }
  }
  return found;
}

}  // namespace tidy
