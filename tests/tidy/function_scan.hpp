// Finds the functions of a C++ text by its braces: where each starts and ends, how many parameters
// it takes, how deep its blocks nest. A lambda is a function of its own (its lines count in the
// outer one too); namespaces, types and braced values are none. No parser: what it cannot tell
// it takes for a value, so that it is silent rather than wrong.
// From CodeView::code → to the function rule. Plain values.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tidy {

struct FunctionExtent {
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  std::size_t parameters = 0;
  std::size_t nesting = 0;  // blocks within blocks; the body itself is 0
};

struct FunctionScan {
  std::vector<FunctionExtent> functions;
  bool braces_pair_up = true;
};

FunctionScan scan_functions(std::string_view code);

}  // namespace tidy
