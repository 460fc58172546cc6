// The #include lines of a file. From a SourceFile's text → to the rules. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "source_tree.hpp"

namespace tidy {

struct Include {
  std::string name;
  bool quoted = false;
  std::size_t line = 0;
};

std::vector<Include> includes_of(const SourceFile& file);

}  // namespace tidy
