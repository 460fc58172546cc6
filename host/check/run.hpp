// Runs checks, each in a process of its own with a time limit, and says how each ended: a crash or
// a hang of the module is a finding like any other. `patchbay check` -> this -> one_check in the
// child. No state between calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "check/laws/laws.hpp"

namespace patchbay::check {

enum class Ending : std::uint8_t {
  passed,
  failed,       ///< The law is broken: see the findings.
  crashed,      ///< The process died in it; the findings say where.
  hung,         ///< It took longer than the time limit.
  not_claimed,  ///< The law binds patterns that claim a trait, and this one does not.
  stopped,      ///< Somebody wants the whole thing to end.
};
[[nodiscard]] const char* to_string(Ending ending) noexcept;

struct RunOptions {
  std::filesystem::path program;       ///< Calls prove_one with what its arguments say.
  std::vector<std::string> arguments;  ///< In front of arguments_of.
  std::filesystem::path module;        ///< The plugin's file.
  std::uint32_t traits = 0;            ///< What the plugin claims.
  std::vector<std::string> settings;   ///< "name=value", of the pattern.
  std::chrono::milliseconds time_limit = std::chrono::minutes(2);  ///< Of one check.
  int stop_descriptor = -1;  ///< Readable when all is to end; -1: never.
};

struct CheckResult {
  const Law* law = nullptr;
  Ending ending = Ending::passed;
  std::vector<std::string> findings;  ///< Sentences; empty only where nothing is wrong.
  std::string output;                 ///< The last lines the process wrote.
  std::chrono::milliseconds time{0};

  /// Whether the module keeps the law, or is not bound by it.
  [[nodiscard]] bool good() const noexcept {
    return ending == Ending::passed || ending == Ending::not_claimed;
  }
};

[[nodiscard]] CheckResult run_check(const RunOptions& options, const Law& law);

}  // namespace patchbay::check
