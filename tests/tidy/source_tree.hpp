// The input of the tidy test: the text files of the tree, read once, and the form of a finding.
// From the file system → to the rules of rules.hpp. Plain values; owned by their holder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tidy {

struct SourceFile {
  std::string path;  // relative to the tree, with '/'
  std::string text;

  std::string_view name() const;
  std::string_view extension() const;  // with its dot; empty where there is none
  bool is_in(std::string_view folder) const;
  bool is_cpp() const;
  bool is_header() const;
};

using SourceTree = std::vector<SourceFile>;

struct Finding {
  std::string path;
  std::size_t line = 0;  // from 1
  std::string what;
  std::string advice;
};
using Findings = std::vector<Finding>;

// All text files under `root` but build folders, recordings and what others wrote, by path.
SourceTree read_tree(const std::filesystem::path& root);

std::vector<std::string_view> lines_of(std::string_view text);
std::size_t line_at(std::string_view text, std::size_t position);

// "path:line: what: advice", one a line: what a failing test shows.
std::string print(const Findings& findings);

}  // namespace tidy
