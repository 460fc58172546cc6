// PatternRegistry: the instances that there are: those that run, those that are held back, and what
// is left of those that have ended. Loader and requests -> registry -> whoever looks for an
// instance. Used by one thread at a time: the main thread, or that of the requests.
//
// Invariant: a name is in use by at most one instance, running or held back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "patterns/running_pattern.hpp"

namespace patchbay::patterns {

/// An instance that is configured or was added, and does not run until somebody asks for it.
struct HeldBack {
  PatternConfig config;
  std::string reason;  ///< A sentence.
};

class PatternRegistry {
 public:
  RunningPattern& add(std::unique_ptr<RunningPattern> pattern);
  void hold_back(HeldBack pattern);

  /// ErrorCode::rejected: no instance of this name runs.
  [[nodiscard]] Result<RunningPattern*> find(const std::string& instance) const;
  /// Why an instance is held back; nullopt for one that is not.
  [[nodiscard]] std::optional<std::string> why_held_back(const std::string& instance) const;
  /// Takes a held-back instance out of the registry; nullopt if there is none of this name.
  [[nodiscard]] std::optional<HeldBack> take_held_back(const std::string& instance);
  /// Takes a pattern out of those that run.
  [[nodiscard]] std::unique_ptr<RunningPattern> take(const RunningPattern& pattern);
  /// Keeps what timers may still refer to of a pattern that has ended, until the registry goes.
  void keep_ended(std::unique_ptr<RunningPattern> pattern);

  [[nodiscard]] const std::vector<std::unique_ptr<RunningPattern>>& running() const noexcept {
    return running_;
  }
  [[nodiscard]] const std::vector<HeldBack>& held_back() const noexcept { return held_back_; }
  /// Of all instances, first those that run.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::vector<std::unique_ptr<RunningPattern>> running_;
  std::vector<std::unique_ptr<RunningPattern>> ended_;
  std::vector<HeldBack> held_back_;
};

}  // namespace patchbay::patterns
