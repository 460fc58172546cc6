// `patchbay new-plugin`: writes the project of a new plugin from the template in
// host/cli/new-plugin, which is itself a project that builds. Command line -> files.
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>
#include <string>

namespace patchbay::cli {

struct NewPlugin {
  std::string name;                 ///< The plugin's id, and what files and types are named after.
  std::filesystem::path directory;  ///< Empty: a new one of that name, here.
};

/// How the template's words are spelled in a project: "soft-delete" -> soft_delete_pattern,
/// SoftDeletePattern.
struct PluginNames {
  std::string id;
  std::string word;  ///< Namespace and files.
  std::string type;
};

/// ErrorCode::rejected: the name is not allowed; the message says what is.
[[nodiscard]] Result<PluginNames> plugin_names(const std::string& name);

/// Writes the project and answers with its directory. ErrorCode::rejected: the name is not allowed
/// or the directory is not empty, and nothing was written.
[[nodiscard]] Result<std::filesystem::path> write_new_plugin(
    const NewPlugin& wanted, const std::filesystem::path& template_directory);

/// The commands to type next; `prefix` is where the SDK is, a build tree or an installed one.
[[nodiscard]] std::string next_steps(const NewPlugin& wanted, const std::filesystem::path& written,
                                     const std::filesystem::path& prefix);

}  // namespace patchbay::cli
