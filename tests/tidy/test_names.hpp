// Names of tests in prose, `Suite.Name` between backticks, and whether there are such tests.
// law_rule and trap_rule -> these. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "source_tree.hpp"

namespace tidy {

// The tests that a line of prose names.
std::vector<std::string> tests_in(std::string_view line);

// Some file under tests/ has TEST…(Suite, Name).
bool is_written(const SourceTree& tree, const std::string& test);

}  // namespace tidy
