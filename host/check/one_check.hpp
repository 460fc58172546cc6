// One check in this process, which may crash or hang without harm: it was started for it. The
// process of run.hpp -> a command line -> here -> the trial's directory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::check {

struct OneCheck {
  std::filesystem::path module;       ///< The plugin's file.
  std::string law;                    ///< The id of a law.
  std::filesystem::path directory;    ///< Of the trial; exists.
  std::vector<std::string> settings;  ///< "name=value", of the pattern.
};

/// The arguments that say so, for a program that calls prove_one with what they say.
[[nodiscard]] std::vector<std::string> arguments_of(const OneCheck& check);

/// The exit code: 0 once the check is through, whatever it found.
int prove_one(const OneCheck& check);

/// Whether the check was through; a process that ended without this crashed.
[[nodiscard]] bool is_through(const std::filesystem::path& directory);

}  // namespace patchbay::check
