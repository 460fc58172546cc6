// PatternLoader: loads the module that an instance starts with: the one that has its writes.
// Configuration, record and crash file -> loader -> registry. Runs a module's code, so it may wait;
// on the main thread before the requests are served, on theirs afterwards.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "config/config.hpp"
#include "patterns/crash_files.hpp"
#include "patterns/pattern_registry.hpp"

namespace patchbay::patterns {

class PatternLoader {
 public:
  PatternLoader(const Config& config, const CrashFiles& crashes, PatternRegistry& registry)
      : config_(config), crashes_(crashes), registry_(registry) {}

  /// Loads every instance that is configured or was added in an earlier run, and holds back those
  /// whose module has ended the process again and again. An added one that cannot be loaded is held
  /// back too; ErrorCode::rejected says what is wrong with a configured one.
  Result<void> load_all();
  /// Loads one instance because somebody asks for it, whatever its module did to the process.
  Result<RunningPattern*> load_requested(PatternConfig pattern);

 private:
  /// Null: it is held back.
  Result<RunningPattern*> load(PatternConfig pattern, bool requested);
  void hold_back(PatternConfig pattern, std::string reason);
  void warn_of_lost_store(const std::string& instance, const PatternRecord& record) const;

  const Config& config_;
  const CrashFiles& crashes_;
  PatternRegistry& registry_;
};

}  // namespace patchbay::patterns
