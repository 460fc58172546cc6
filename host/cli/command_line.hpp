// The command line: verbs and flags -> a Command. Flags win over the environment, which wins over
// the file. The only files that know CLI11 are in this folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "cli/new_plugin.hpp"
#include "config/config.hpp"

namespace patchbay::cli {

enum class Verb {
  run,
  backend,
  sync,
  plugins,
  new_plugin,
  status,
  rejected,
  database,
  check,
  swap,
  add,
  remove,
};

/// The arguments of `patchbay rejected`.
struct RejectedCommand {
  enum class Action { list, retry, discard };
  Action action = Action::list;
  std::string pattern;   ///< Empty, for a list: all.
  std::string write_id;  ///< Empty for a list.
};

/// The arguments of `patchbay database`.
struct DatabaseCommand {
  enum class Action { none, prepare, inspect, remove };
  Action action = Action::none;
  bool force = false;  ///< Remove though the slot is in use or outcomes are recorded.
};

/// The arguments of `patchbay swap`, `add` and `remove`.
struct ModuleCommand {
  std::string pattern;
  std::string module;  ///< A plugin's id or file; for `add`, "" means the pattern's name.
  std::vector<std::string> tables;  ///< Of `add`; empty: all.
  bool back = false;                ///< Of `swap`: to the previous module, not to `module`.
  bool force = false;               ///< Though writes are less durable afterwards, or lost.
};

/// The arguments of `patchbay check`.
struct CheckCommand {
  std::string module;                 ///< A plugin's id or file.
  bool list = false;                  ///< Only say which checks there are.
  std::vector<std::string> only;      ///< Ids of checks; empty: all.
  std::vector<std::string> settings;  ///< "name=value", of the pattern.
  std::chrono::seconds time_limit{120};
  std::string run_one;  ///< Not empty: this check, in this process, into `trial_directory`.
  std::filesystem::path trial_directory;
};

struct Command {
  Verb verb = Verb::run;
  Config config;
  bool names_host = false;  ///< --address or --port was given.
  bool json = false;        ///< Answer in JSON.
  NewPlugin new_plugin;
  RejectedCommand rejected;
  DatabaseCommand database;
  ModuleCommand module;
  CheckCommand check;
};

/// Help or version was asked for (exit code 0), or the line is wrong (exit code 2).
struct Ended {
  int exit_code = 0;
  std::string text;  ///< For standard output when the code is 0, else for standard error.
};

[[nodiscard]] std::variant<Command, Ended> parse_command_line(int argc, const char* const* argv);

}  // namespace patchbay::cli
