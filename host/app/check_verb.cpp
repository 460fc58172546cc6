#include "app/check_verb.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

#include "check/one_check.hpp"
#include "check/run.hpp"
#include "cli/check_report.hpp"
#include "patterns/plugin_files.hpp"

namespace patchbay::app {
namespace fs = std::filesystem;
namespace {

constexpr int kInterrupted = 130;

int wrong(const std::string& message, int exit_code) {
  std::cerr << "patchbay: " << message << std::endl;
  return exit_code;
}

/// Readable once somebody wants an end; the signals are blocked in every verb.
class StopDescriptor {
 public:
  StopDescriptor() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    descriptor_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~StopDescriptor() { close(descriptor_); }
  StopDescriptor(const StopDescriptor&) = delete;
  StopDescriptor& operator=(const StopDescriptor&) = delete;

  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
};

Result<std::vector<const check::Law*>> wanted(const std::vector<std::string>& ids) {
  std::vector<const check::Law*> laws;
  for (const check::Law& law : check::laws()) {
    if (ids.empty() || std::ranges::find(ids, law.id) != ids.end()) laws.push_back(&law);
  }
  for (const std::string& id : ids) {
    if (check::find_law(id) != nullptr) continue;
    return failure(ErrorCode::rejected,
                   "There is no check \"" + id + "\"; see patchbay check --list.");
  }
  return laws;
}

/// The file of the module; one that is named by its file may lie anywhere.
Result<fs::path> find_file(const cli::Command& command) {
  const auto found =
      patterns::find_module(patterns::make_plugin_loader(command.config), command.check.module);
  if (!found) return found;
  std::error_code failed;
  if (fs::is_regular_file(*found, failed)) return fs::canonical(*found, failed);
  return failure(ErrorCode::rejected,
                 "There is no file " + found->string() + "; give a plugin's id or its file.");
}

check::RunOptions run_options(const cli::Command& command, const PluginInspection& plugin) {
  check::RunOptions options;
  options.program = "/proc/self/exe";
  options.arguments = {"check"};
  options.module = plugin.path;
  options.traits = plugin.traits;
  options.settings = command.check.settings;
  options.time_limit = command.check.time_limit;
  return options;
}

int run_all(const cli::Command& command, const PluginInspection& plugin,
            const std::vector<const check::Law*>& laws) {
  const StopDescriptor stop;
  check::RunOptions options = run_options(command, plugin);
  options.stop_descriptor = stop.get();
  std::ostream& progress = command.json ? std::cerr : std::cout;
  progress << cli::check_begins(plugin) << std::flush;
  std::vector<check::CheckResult> results;
  for (const check::Law* law : laws) {
    results.push_back(check::run_check(options, *law));
    if (results.back().ending == check::Ending::stopped) return kInterrupted;
    progress << cli::check_as_text(results.back()) << std::flush;
  }
  std::cout << (command.json ? cli::checks_as_json(plugin, results) : cli::check_ends(results));
  return std::ranges::all_of(results, &check::CheckResult::good) ? 0 : 1;
}

}  // namespace

int check_module(const cli::Command& command) {
  const cli::CheckCommand& asked = command.check;
  if (asked.list) {
    std::cout << (command.json ? cli::laws_as_json() : cli::laws_as_text());
    return 0;
  }
  if (asked.module.empty()) {
    return wrong("check needs a module: a plugin's id, or its file; or --list.", 2);
  }
  if (!asked.run_one.empty()) {
    return check::prove_one({asked.module, asked.run_one, asked.trial_directory, asked.settings});
  }
  for (const std::string& setting : asked.settings) {
    if (setting.find('=') != std::string::npos) continue;
    return wrong("--setting is \"" + setting + "\"; give NAME=VALUE.", 2);
  }
  std::error_code failed;
  static_cast<void>(fs::temp_directory_path(failed));
  if (failed) return wrong("TMPDIR names no directory to work in; correct it, or unset it.", 2);
  const auto laws = wanted(asked.only);
  if (!laws) return wrong(laws.error().message, 2);
  const auto file = find_file(command);
  if (!file) return wrong(file.error().message, 2);
  const auto plugin = PluginLoader({file->parent_path()}).inspect(*file);
  if (!plugin) return wrong(plugin.error().message, 1);
  return run_all(command, *plugin, *laws);
}

}  // namespace patchbay::app
