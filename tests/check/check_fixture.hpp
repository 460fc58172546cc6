// Runs checks against a module of the build, each in a process of its own, as `patchbay check`
// does. For the tests of the pattern laws.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "check/run.hpp"
#include "plugins/plugin_directory.hpp"
#include "runtime/plugin_loader.hpp"
#include "test_paths.hpp"

namespace patchbay::test {

inline const std::filesystem::path kBrokenModules =
    PluginDirectory::built() / "tests" / "check" / "modules";
inline const std::filesystem::path kBundledModules =
    PluginDirectory::built() / "lib" / "patchbay" / "plugins";

/// A copy of a module in a directory that the loader trusts.
class CheckedModule {
 public:
  CheckedModule(const std::filesystem::path& directory, const std::string& name) {
    const std::string file = name + ".so";
    options.program = PATCHBAY_BINARY_DIR "/bin/check_child";
    options.time_limit = std::chrono::minutes(4);  // sanitizers are slow
    options.module = directory_.add(directory / file, file);
    const auto said = directory_.loader().inspect(options.module);
    if (!said) throw std::runtime_error(said.error().message);
    options.traits = said->traits;
  }

  [[nodiscard]] check::CheckResult run(const std::string& law) const {
    return check::run_check(options, *check::find_law(law));
  }
  [[nodiscard]] std::vector<check::CheckResult> run_all() const {
    std::vector<check::CheckResult> results;
    for (const check::Law& law : check::laws()) results.push_back(check::run_check(options, law));
    return results;
  }

  check::RunOptions options;

 private:
  PluginDirectory directory_;
};

/// "order failed: In script …", a line a finding; "" for a module that keeps the law.
[[nodiscard]] inline std::string print(const check::CheckResult& result) {
  if (result.good()) return "";
  std::string text;
  for (const std::string& finding : result.findings) {
    text += std::string(result.law->id) + " " + to_string(result.ending) + ": " + finding + "\n";
  }
  return text.empty() ? std::string(result.law->id) + " has no findings\n" : text;
}

}  // namespace patchbay::test
