// PluginDirectory: a private directory for the loader's tests, filled with copies of built modules.
// Removed with everything in it when it goes.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "runtime/plugin_loader.hpp"
#include "test_paths.hpp"

namespace patchbay::test {

class PluginDirectory {
 public:
  PluginDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "patchbay-plugins-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~PluginDirectory() { std::filesystem::remove_all(path_); }
  PluginDirectory(const PluginDirectory&) = delete;
  PluginDirectory& operator=(const PluginDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] PluginLoader loader() const { return PluginLoader({path_}); }

  /// A copy of a deliberately bad module (tests/plugins/modules).
  std::filesystem::path add_bad(std::string_view name) {
    return add(built() / "tests/plugins/modules" / file(name), file(name));
  }
  /// A copy of one of the build's plugins.
  std::filesystem::path add_plugin(std::string_view name) {
    return add(built() / "lib/patchbay/plugins" / file(name), file(name));
  }
  std::filesystem::path add(const std::filesystem::path& from, const std::string& name) {
    const auto to = path_ / name;
    std::filesystem::copy_file(from, to);
    std::filesystem::permissions(to, std::filesystem::perms(0644));
    return to;
  }
  std::filesystem::path add_text(const std::string& name, std::string_view text) {
    std::ofstream(path_ / name) << text;
    std::filesystem::permissions(path_ / name, std::filesystem::perms(0644));
    return path_ / name;
  }

  [[nodiscard]] static std::filesystem::path built() { return PATCHBAY_BINARY_DIR; }

 private:
  static std::string file(std::string_view name) { return std::string(name) + ".so"; }

  std::filesystem::path path_;
};

/// The message of a refusal, or "" when nothing was refused.
template <typename T>
[[nodiscard]] std::string refusal(const Result<T>& result) {
  return result ? "" : result.error().message;
}

}  // namespace patchbay::test
