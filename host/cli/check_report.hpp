// The output of `patchbay check`: the laws, and how a module keeps them. Results of checks -> text
// for people or JSON for scripts.
#pragma once

#include <string>
#include <vector>

#include "check/run.hpp"
#include "runtime/plugin_descriptor.hpp"

namespace patchbay::cli {

/// One line for each law: its id, what it says, whom it binds.
[[nodiscard]] std::string laws_as_text();
/// Shape: [{"id", "description", "traits"}].
[[nodiscard]] std::string laws_as_json();

/// The line above the results.
[[nodiscard]] std::string check_begins(const PluginInspection& plugin);
/// A line for one result, and below it what was found.
[[nodiscard]] std::string check_as_text(const check::CheckResult& result);
/// The line below the results.
[[nodiscard]] std::string check_ends(const std::vector<check::CheckResult>& results);

/// Shape: {"plugin": {"path", "id", "version"}, "passed", "checks": [{"id", "result", "seconds",
/// "findings", then "notes", where there are some, and "output", where it did not pass}]}; "result"
/// is "passed", "failed", "crashed", "hung" or "not claimed".
[[nodiscard]] std::string checks_as_json(const PluginInspection& plugin,
                                         const std::vector<check::CheckResult>& results);

}  // namespace patchbay::cli
