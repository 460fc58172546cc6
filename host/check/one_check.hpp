// One check in this process, which was started for it and may crash or hang without harm. The
// process of run.hpp -> a command line -> here -> the trial's directory. No state between calls.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::check {

/// Which law is to be proved on which module.
struct OneCheck {
  std::filesystem::path module;       ///< The plugin's file.
  std::string law;                    ///< The id of a law.
  std::filesystem::path directory;    ///< The trial's; exists.
  std::vector<std::string> settings;  ///< The pattern's, as "name=value".
};

/// The check as arguments of a command line, for a program that reads them and calls prove_one.
[[nodiscard]] std::vector<std::string> arguments_of(const OneCheck& check);

/// Runs the check; gives the exit code: 0 once the check has come to its end, whatever it found.
int prove_one(const OneCheck& check);

/// Whether a check in this directory has come to its end; a process that ended before has crashed.
[[nodiscard]] bool is_through(const std::filesystem::path& directory);

}  // namespace patchbay::check
