#include "patterns/plugin_files.hpp"

#include <patchbay/plugin.hpp>

#include "config/installation.hpp"

namespace patchbay::patterns {

PluginLoader make_plugin_loader(const Config& config) {
  auto directories = config.plugin_directories;
  directories.push_back(prefix() / "lib" / "patchbay" / "plugins");
  return PluginLoader(std::move(directories));
}

Result<std::filesystem::path> find_module(const PluginLoader& loader, const std::string& module) {
  if (module.find('/') != std::string::npos) return module;
  std::string looked_in;
  for (const auto& directory : loader.directories()) {
    std::error_code failed;
    const auto file = directory / (module + ".so");
    if (std::filesystem::exists(file, failed)) return file;
    looked_in += (looked_in.empty() ? "" : ", ") + directory.string();
  }
  return failure(ErrorCode::rejected, "There is no plugin \"" + module + "\" in " + looked_in +
                                          "; see patchbay plugins, or give its directory with "
                                          "--plugin-path.");
}

bool is_durable(const PluginInspection& plugin) {
  return (plugin.traits & kTraitDurable) != 0;
}

}  // namespace patchbay::patterns
