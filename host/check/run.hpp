// Runs checks, each in a process of its own with a time limit, and reports how each ended: a module
// that crashes or hangs is a finding like any other. `patchbay check` -> this -> one_check in the
// child. No state between calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "check/laws/laws.hpp"

namespace patchbay::check {

/// How a check ended.
enum class Ending : std::uint8_t {
  passed,
  failed,       ///< The law is broken, as the findings say.
  crashed,      ///< The process of the check died where the findings say.
  hung,         ///< The check took longer than the time limit.
  not_claimed,  ///< The law binds only patterns that claim a trait which this one does not.
  stopped,      ///< The run was interrupted.
};
[[nodiscard]] const char* to_string(Ending ending) noexcept;

/// The module to check, and how its process is started.
struct RunOptions {
  std::filesystem::path program;       ///< Reads arguments_of and calls prove_one.
  std::vector<std::string> arguments;  ///< Come before those.
  std::filesystem::path module;        ///< The plugin's file.
  std::uint32_t traits = 0;            ///< As the plugin claims.
  std::vector<std::string> settings;   ///< The pattern's, as "name=value".
  std::chrono::milliseconds time_limit = std::chrono::minutes(2);  ///< Of one check.
  int stop_descriptor = -1;  ///< Readable when the run is to end; -1: none.
};

/// The result of one check.
struct CheckResult {
  const Law* law = nullptr;
  Ending ending = Ending::passed;
  std::vector<std::string> findings;  ///< Sentences on what is wrong.
  std::vector<std::string> notes;     ///< Sentences on how it was checked.
  std::string output;                 ///< The last lines that the process wrote.
  std::chrono::milliseconds time{0};

  /// Whether the module keeps the law, or is not bound by the law.
  [[nodiscard]] bool good() const noexcept {
    return ending == Ending::passed || ending == Ending::not_claimed;
  }
};

/// Runs one check to its end.
[[nodiscard]] CheckResult run_check(const RunOptions& options, const Law& law);

}  // namespace patchbay::check
