#include "cli/plugin_list.hpp"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "runtime/module_description.hpp"

namespace patchbay::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

struct Listed {
  FoundPlugin plugin;
  fs::path hidden_by;  ///< A file of the same name is found first; empty when none is.
};

/// A pattern names its module by the file's name: the first one found is used.
std::vector<Listed> list(const PluginLoader& loader) {
  std::vector<Listed> listed;
  std::map<fs::path, fs::path> first;
  for (FoundPlugin& found : loader.find()) {
    const auto [at, is_first] = first.try_emplace(found.path.filename(), found.path);
    const fs::path hidden_by = is_first ? fs::path() : at->second;
    listed.push_back({std::move(found), hidden_by});
  }
  return listed;
}

/// "" for a directory that can be listed, else the system's reason.
std::string trouble_with(const fs::path& directory) {
  std::error_code failed;
  const fs::directory_iterator listing(directory, failed);
  return failed ? failed.message() : "";
}

std::string about(const PluginInspection& plugin) {
  std::string traits;
  for (const std::string& name : trait_names(plugin.traits)) {
    traits += (traits.empty() ? "" : ", ") + name;
  }
  return "  " + plugin.id + " " + plugin.version + ": " + plugin.description +
         "\n  traits: " + (traits.empty() ? "none" : traits) + "\n";
}

}  // namespace

std::string plugins_as_text(const PluginLoader& loader) {
  std::string text;
  for (const auto& [plugin, hidden_by] : list(loader)) {
    text += plugin.path.string() + "\n";
    text += plugin.inspection ? about(*plugin.inspection)
                              : "  cannot be used: " + plugin.inspection.error().message + "\n";
    if (!hidden_by.empty()) {
      text += "  hidden by " + hidden_by.string() + ", which is found first\n";
    }
  }
  text += "Searched, in this order:\n";
  for (const fs::path& directory : loader.directories()) {
    const std::string trouble = trouble_with(directory);
    text += "  " + directory.string() + (trouble.empty() ? "" : " (" + trouble + ")") + "\n";
  }
  return text;
}

std::string plugins_as_json(const PluginLoader& loader) {
  Json directories = Json::array();
  for (const fs::path& directory : loader.directories()) {
    directories.push_back(
        {{"path", directory.string()}, {"readable", trouble_with(directory).empty()}});
  }
  Json plugins = Json::array();
  for (const auto& [plugin, hidden_by] : list(loader)) {
    Json one = {{"path", plugin.path.string()}, {"usable", plugin.inspection.has_value()}};
    if (plugin.inspection) {
      one["id"] = plugin.inspection->id;
      one["version"] = plugin.inspection->version;
      one["description"] = plugin.inspection->description;
      one["traits"] = trait_names(plugin.inspection->traits);
      one["hidden_by"] = hidden_by.empty() ? Json() : Json(hidden_by.string());
    } else {
      one["reason"] = plugin.inspection.error().message;
    }
    plugins.push_back(std::move(one));
  }
  const Json all = {{"directories", std::move(directories)}, {"plugins", std::move(plugins)}};
  // A path is bytes; JSON is UTF-8.
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace patchbay::cli
