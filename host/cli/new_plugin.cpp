#include "cli/new_plugin.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace patchbay::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kNameLengthMax = 40;
/// A project's one target has the plugin's name; these are taken by the generated build itself.
constexpr std::array<std::string_view, 7> kTakenNames{"all",     "clean", "help",    "install",
                                                      "package", "test",  "patchbay"};

bool is_good(std::string_view name) {
  const bool spelled = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  return spelled && !name.empty() && name.size() <= kNameLengthMax && name.front() >= 'a' &&
         !name.ends_with('-') && name.find("--") == std::string_view::npos;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string in_words_of(const PluginNames& names, std::string text) {
  replace_all(text, "my-pattern", names.id);
  replace_all(text, "my_pattern", names.word);
  replace_all(text, "MyPattern", names.type);
  return text;
}

struct TextFile {
  fs::path path;  ///< Within the project.
  std::string text;
};

/// The whole project, before anything of it is written.
std::vector<TextFile> read_template(const fs::path& directory, const PluginNames& names) {
  std::vector<TextFile> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (!at->is_regular_file(failed)) continue;
    std::ifstream in(at->path(), std::ios::binary);
    files.push_back({in_words_of(names, at->path().lexically_relative(directory).generic_string()),
                     in_words_of(names, std::string(std::istreambuf_iterator<char>(in), {}))});
  }
  std::ranges::sort(files, {}, &TextFile::path);
  return files;
}

/// True if nothing is there, or an empty directory.
Result<void> check_free(const fs::path& directory) {
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(directory, failed))) return {};
  if (fs::is_directory(directory, failed) && fs::is_empty(directory, failed)) return {};
  return failure(ErrorCode::rejected, directory.string() +
                                          " exists already; give another place with --directory, "
                                          "or remove it.");
}

Result<void> write(const fs::path& path, const std::string& text) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  std::ofstream out(path, std::ios::binary);
  if (out << text && out.flush()) return {};
  return failure(ErrorCode::rejected,
                 "The file " + path.string() +
                     " cannot be written; give a place where you may write with --directory.");
}

/// A path as one word of a shell.
std::string quoted(const fs::path& path) {
  std::string text = path.string();
  const bool plain = std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/._-+").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  replace_all(text, "'", "'\\''");
  return "'" + text + "'";
}

}  // namespace

Result<PluginNames> plugin_names(const std::string& name) {
  if (!is_good(name)) {
    return failure(ErrorCode::rejected, "The name \"" + name +
                                            "\" is not allowed; use a-z, 0-9 and single hyphens, "
                                            "a letter first, " +
                                            std::to_string(kNameLengthMax) +
                                            " characters at most.");
  }
  if (std::ranges::find(kTakenNames, name) != kTakenNames.end()) {
    return failure(ErrorCode::rejected,
                   "The name \"" + name + "\" is taken by the build itself; give another.");
  }
  PluginNames names{name, name.ends_with("-pattern") ? name : name + "-pattern", ""};
  bool starts_word = true;
  for (char& c : names.word) {
    const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (c != '-') names.type += starts_word ? upper : c;
    starts_word = c == '-';
    if (c == '-') c = '_';
  }
  return names;
}

Result<fs::path> write_new_plugin(const NewPlugin& wanted, const fs::path& template_directory) {
  const auto names = plugin_names(wanted.name);
  if (!names) return tl::unexpected(names.error());
  const fs::path directory = wanted.directory.empty() ? fs::path(wanted.name) : wanted.directory;
  if (auto free = check_free(directory); !free) return tl::unexpected(free.error());
  const auto files = read_template(template_directory, *names);
  if (files.empty()) {
    return failure(ErrorCode::unsupported, "The template " + template_directory.string() +
                                               " cannot be read; install Patchbay again.");
  }
  for (const TextFile& file : files) {
    if (auto written = write(directory / file.path, file.text); !written) {
      return tl::unexpected(written.error());
    }
  }
  return directory;
}

std::string next_steps(const NewPlugin& wanted, const fs::path& written, const fs::path& prefix) {
  const std::string program = quoted(prefix / "bin" / "patchbay");
  const std::string plugins = " --plugin-path build/lib/patchbay/plugins";
  return "The project " + wanted.name + " is in " + written.string() +
         ". Build, check and run it:\n" + "  cd " + quoted(written) +
         "\n  cmake -B build -DCMAKE_PREFIX_PATH=" + quoted(prefix) +
         "\n  cmake --build build\n  " + program + " check " + wanted.name + plugins + "\n  " +
         program + " run" + plugins + " --pattern " + wanted.name + "\n";
}

}  // namespace patchbay::cli
