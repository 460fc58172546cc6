#include "source_tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace tidy {
namespace {

constexpr std::array<std::string_view, 16> kExtensions{
    ".cpp", ".hpp", ".h",    ".cmake", ".sql", ".js", ".mjs",  ".css",
    ".py",  ".md",  ".html", ".json",  ".yml", ".sh", ".toml", ".map"};
constexpr std::array<std::string_view, 6> kFoldersOfOthers{"build",     ".git",   "node_modules",
                                                           ".patchbay", ".cache", "data"};

bool is_foreign(const std::filesystem::path& relative) {
  const std::string name = relative.filename().string();
  if (name == "data") return relative == "tests/data";
  return std::find(kFoldersOfOthers.begin(), kFoldersOfOthers.end(), name) !=
         kFoldersOfOthers.end();
}

bool is_checked(const SourceFile& file) {
  const bool named = file.name() == "CMakeLists.txt" || file.name() == "Dockerfile";
  const bool script = file.extension().empty() && file.text.rfind("#!", 0) == 0;
  return named || script ||
         std::find(kExtensions.begin(), kExtensions.end(), file.extension()) != kExtensions.end();
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string_view SourceFile::name() const {
  return std::string_view(path).substr(path.find_last_of('/') + 1);
}

std::string_view SourceFile::extension() const {
  const std::string_view whole = name();
  const std::size_t dot = whole.find_last_of('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : whole.substr(dot);
}

bool SourceFile::is_in(std::string_view folder) const {
  return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
         path[folder.size()] == '/';
}

bool SourceFile::is_cpp() const {
  return extension() == ".cpp" || is_header();
}

bool SourceFile::is_header() const {
  return extension() == ".hpp" || extension() == ".h";
}

SourceTree read_tree(const std::filesystem::path& root) {
  SourceTree tree;
  std::filesystem::recursive_directory_iterator at(root);
  for (; at != std::filesystem::recursive_directory_iterator(); ++at) {
    const std::filesystem::path relative = at->path().lexically_relative(root);
    if (at->is_directory() && is_foreign(relative)) at.disable_recursion_pending();
    if (!at->is_regular_file()) continue;
    SourceFile file{relative.generic_string(), read_file(at->path())};
    if (is_checked(file)) tree.push_back(std::move(file));
  }
  std::sort(tree.begin(), tree.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return tree;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::string print(const Findings& findings) {
  std::string printed;
  for (const Finding& found : findings) {
    printed += found.path + ":" + std::to_string(found.line) + ": " + found.what + ": " +
               found.advice + "\n";
  }
  return printed;
}

}  // namespace tidy
