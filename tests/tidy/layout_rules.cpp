#include <algorithm>

#include "rules.hpp"

namespace tidy {
namespace {

constexpr std::size_t kColumnsMax = 100;

std::size_t lines_max(const SourceFile& file) {
  if (file.name() == "CMakeLists.txt" || file.name() == "main.cpp") return 60;
  return file.is_in("tests") ? 600 : 500;
}

bool may_have_long_lines(const SourceFile& file) {
  return file.extension() == ".md" || file.extension() == ".json";
}

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // UTF-8: not a continuation
  }));
}

void check_line(const SourceFile& file, std::string_view line, std::size_t number,
                Findings& found) {
  const auto report = [&](std::string what, std::string advice) {
    found.push_back({file.path, number, std::move(what), std::move(advice)});
  };
  const std::size_t width = columns(line);
  if (width > kColumnsMax && !may_have_long_lines(file)) {
    report(std::to_string(width) + " columns", "break the line at 100");
  }
  if (line.find('\t') != std::string_view::npos) report("a tab", "indent with blanks");
  if (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
    report("blanks at the end of the line", "remove them");
  }
}

}  // namespace

Findings check_layout(const SourceFile& file) {
  Findings found;
  const std::vector<std::string_view> lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) check_line(file, lines[i], i + 1, found);
  if (!file.text.empty() && file.text.back() != '\n') {
    found.push_back({file.path, lines.size(), "no line break at the end", "add one"});
  }
  const bool prose = file.extension() == ".md" || file.extension() == ".json";
  if (lines.size() > lines_max(file) && !prose) {
    found.push_back(
        {file.path, lines.size(),
         std::to_string(lines.size()) + " lines, more than " + std::to_string(lines_max(file)),
         "split it by what its parts do"});
  }
  return found;
}

Findings check_header(const SourceFile& file) {
  if (!file.is_header()) return {};
  Findings found;
  bool once = false;
  bool comment = false;
  for (const std::string_view line : lines_of(file.text)) {
    once = once || line == "#pragma once";
    comment = comment || line.substr(0, 2) == "//";
    if (!line.empty() && line != "#pragma once" && line.substr(0, 2) != "//") break;
  }
  if (!once) found.push_back({file.path, 1, "no #pragma once at its head", "add it"});
  if (!comment) {
    found.push_back({file.path, 1, "no head comment",
                     "say what it is for, from whom to whom, on which strand, who owns it"});
  }
  return found;
}

}  // namespace tidy
