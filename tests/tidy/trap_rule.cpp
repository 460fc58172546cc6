#include <algorithm>
#include <set>

#include "rules.hpp"
#include "test_names.hpp"

namespace tidy {
namespace {

constexpr std::string_view kPage = "docs/patterns.md";

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

// The cells of "| a | b |"; none for a line that is not a row of a table.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  if (line.empty() || line.front() != '|') return cells;
  for (std::size_t open = 0; open + 1 < line.size();) {
    const std::size_t close = std::min(line.find('|', open + 1), line.size());
    cells.push_back(trimmed(line.substr(open + 1, close - open - 1)));
    open = close;
  }
  return cells;
}

// Each folder of plugins/ that makes a module.
std::set<std::string> patterns_of(const SourceTree& tree) {
  std::set<std::string> patterns;
  for (const SourceFile& file : tree) {
    if (!file.is_in("plugins") || file.name() != "plugin.cpp") continue;
    const std::size_t begin = std::string_view("plugins/").size();
    patterns.insert(file.path.substr(begin, file.path.find('/', begin) - begin));
  }
  return patterns;
}

// Names in `TEST(Suite, Name)` of the files that play the traps.
std::vector<std::string> played(const SourceFile& file) {
  std::vector<std::string> tests;
  if (!file.is_in("tests/conformance") || !file.name().ends_with("_traps_test.cpp")) return tests;
  for (const std::string_view line : lines_of(file.text)) {
    if (!line.starts_with("TEST(")) continue;
    const std::size_t comma = line.find(", ");
    const std::size_t close = line.find(')');
    if (comma == std::string_view::npos || close == std::string_view::npos) continue;
    tests.push_back(std::string(line.substr(5, comma - 5)) + "." +
                    std::string(line.substr(comma + 2, close - comma - 2)));
  }
  return tests;
}

// Walks the page's tables of traps, those whose first column is headed "trap".
class TrapTables {
 public:
  TrapTables(const SourceFile& page, const SourceTree& tree) : page_(page), tree_(tree) {}

  Findings check() {
    std::size_t number = 0;
    for (const std::string_view line : lines_of(page_.text)) take(++number, cells_of(line));
    for (const std::string& pattern : patterns_of(tree_)) {
      if (!columns_.contains(pattern)) {
        add(1, "no column for the pattern " + pattern, "name its test for every trap");
      }
    }
    for (const SourceFile& file : tree_) {
      for (const std::string& test : played(file)) {
        if (!named_.contains(test)) add(1, "leaves out the test " + test, "give it its cell");
      }
    }
    return std::move(found_);
  }

 private:
  void take(std::size_t number, const std::vector<std::string>& cells) {
    if (cells.empty()) {
      width_ = 0;
    } else if (cells.front() == "trap") {
      width_ = cells.size();
      columns_.insert(cells.begin() + 1, cells.end());
    } else if (width_ > 0 && !cells.front().starts_with("--")) {
      check_row(number, cells);
    }
  }

  void check_row(std::size_t number, const std::vector<std::string>& cells) {
    for (std::size_t at = 1; at < width_; ++at) {
      const auto tests = at < cells.size() ? tests_in(cells[at]) : std::vector<std::string>{};
      if (tests.empty()) {
        add(number, "a trap without a test in column " + std::to_string(at + 1), "play it there");
      }
      for (const std::string& test : tests) {
        named_.insert(test);
        if (!is_written(tree_, test))
          add(number, "names the test " + test, "there is no such test");
      }
    }
  }

  void add(std::size_t line, std::string what, std::string advice) {
    found_.push_back({page_.path, line, std::move(what), std::move(advice)});
  }

  const SourceFile& page_;
  const SourceTree& tree_;
  Findings found_;
  std::set<std::string> columns_;
  std::set<std::string> named_;
  std::size_t width_ = 0;  // of the table of traps under way
};

}  // namespace

Findings check_traps(const SourceFile& file, const SourceTree& tree) {
  if (file.path != kPage) return {};
  return TrapTables(file, tree).check();
}

}  // namespace tidy
