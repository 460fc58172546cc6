// Which file a plugin's name stands for. Configuration -> loader and file -> whoever loads a
// module. Reads directories, runs nothing.
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>
#include <string>

#include "config/config.hpp"
#include "runtime/plugin_loader.hpp"

namespace patchbay::patterns {

/// The loader over the configured directories and the one beside the binary.
[[nodiscard]] PluginLoader make_plugin_loader(const Config& config);
/// The file of a plugin id ("online") in the loader's directories, or the path itself.
[[nodiscard]] Result<std::filesystem::path> find_module(const PluginLoader& loader,
                                                        const std::string& module);
/// The plugin promises to keep its writes on disk.
[[nodiscard]] bool is_durable(const PluginInspection& plugin);

}  // namespace patchbay::patterns
