// PluginLoader: finds, inspects, loads and really unloads plugins. The only code that knows
// Boost.DLL. App -> loader -> LoadedPlugin -> the runner that owns it. Thread-safe, no state but
// the directories. Life of a module: load -> create … -> patterns destroyed -> unload (verified).
//
// Invariants:
//  1. Nothing of a module runs that is refused for something readable in its file.
//  2. What is checked is what is loaded: a sealed copy in memory, under a name of its own.
//  3. A module is never unloaded under a living pattern, and its absence is verified afterwards.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <patchbay/pattern.hpp>
#include <patchbay/result.hpp>
#include <vector>

#include "runtime/plugin_descriptor.hpp"

namespace patchbay {

/// Destroys a pattern through its module's descriptor.
struct DestroyPattern {
  void (*destroy)(Pattern*) noexcept = nullptr;
  std::shared_ptr<std::atomic<std::size_t>> living;  ///< Patterns of the module.

  void operator()(Pattern* pattern) const noexcept;
};
/// A pattern of a module; destroy it before its LoadedPlugin.
using PatternHandle = std::unique_ptr<Pattern, DestroyPattern>;

/// One loaded module, unloaded by the destructor. Not shared between threads.
class LoadedPlugin {
 public:
  struct Module;

  explicit LoadedPlugin(std::unique_ptr<Module> module) noexcept;
  LoadedPlugin(LoadedPlugin&& other) noexcept;
  LoadedPlugin& operator=(LoadedPlugin&& other) noexcept;
  /// Unloads; a failure is logged as misbehaving, and a module in use stays.
  ~LoadedPlugin();

  /// The plugin's description of itself; stays after unload.
  [[nodiscard]] const PluginInspection& inspection() const noexcept;
  /// A new idle pattern. ErrorCode::rejected when its constructor throws, or after unload.
  [[nodiscard]] Result<PatternHandle> create() const;
  /// Takes the module out of the process. ErrorCode::in_doubt: patterns of it still live (nothing
  /// was done), or the module is still mapped (it pins itself: restart the host in the long run).
  Result<void> unload();

 private:
  std::unique_ptr<Module> module_;
};

/// A file that looks like a plugin, and what is known of it.
struct FoundPlugin {
  std::filesystem::path path;
  Result<PluginInspection> inspection;
};

class PluginLoader {
 public:
  /// Plugins are loaded from these directories, and from directories below them, only.
  explicit PluginLoader(std::vector<std::filesystem::path> directories);

  /// Reads the file's description of itself; runs nothing of it. [any thread]
  [[nodiscard]] Result<PluginInspection> inspect(const std::filesystem::path& path) const;
  /// Loads a plugin. Every refusal names the file, what is wrong, and what to do. [any thread]
  [[nodiscard]] Result<LoadedPlugin> load(const std::filesystem::path& path) const;
  /// Inspects every *.so directly in the directories, in their order, then by name. [any thread]
  [[nodiscard]] std::vector<FoundPlugin> find() const;

  [[nodiscard]] const std::vector<std::filesystem::path>& directories() const noexcept {
    return directories_;
  }

 private:
  std::vector<std::filesystem::path> directories_;
};

}  // namespace patchbay
