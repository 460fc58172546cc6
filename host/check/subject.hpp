// Subject: the module under proof, loaded as the host loads it. File -> loader -> this -> worlds.
// Owned by one check; one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "runtime/plugin_loader.hpp"
#include "sim/world.hpp"

namespace patchbay::check {

/// Makes patterns of a loaded module, which must outlive them.
[[nodiscard]] sim::PatternUnderTest patterns_of(const LoadedPlugin& plugin);

/// The module of one check, with the settings of its patterns.
class Subject {
 public:
  using Settings = std::map<std::string, std::string>;

  /// Loads the module; an error names the file and says why.
  [[nodiscard]] static Result<Subject> load(const std::filesystem::path& file, Settings settings);

  [[nodiscard]] sim::PatternUnderTest pattern() const { return patterns_of(*plugin_); }
  /// Whether the plugin claims all of these traits.
  [[nodiscard]] bool has(std::uint32_t traits) const {
    return (plugin_->inspection().traits & traits) == traits;
  }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  /// Loads the same file as another module.
  [[nodiscard]] Result<LoadedPlugin> load_again() const;

 private:
  Subject(std::shared_ptr<LoadedPlugin> plugin, Settings settings)
      : plugin_(std::move(plugin)), settings_(std::move(settings)) {}

  std::shared_ptr<LoadedPlugin> plugin_;
  Settings settings_;
};

}  // namespace patchbay::check
