// The output of `patchbay plugins`: every plugin in search order, its own description, or why this
// host cannot use it. Loader's findings -> text for people or JSON for scripts. Runs nothing of a
// plugin.
#pragma once

#include <string>

#include "runtime/plugin_loader.hpp"

namespace patchbay::cli {

/// For each plugin the file, then indented lines about it; the searched directories at the end.
[[nodiscard]] std::string plugins_as_text(const PluginLoader& loader);

/// Shape: {"directories": [{"path", "readable"}], "plugins": [{"path", "usable", then "id",
/// "version", "description", "traits", "hidden_by" (a path or null), or "reason"}]}.
[[nodiscard]] std::string plugins_as_json(const PluginLoader& loader);

}  // namespace patchbay::cli
