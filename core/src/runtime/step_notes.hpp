// StepNotes: which call of a pattern is under way, on which module, since when. Callers of a
// module -> notes -> status, shutdown, and the line that a module leaves which ends the process.
// Shared by an instance's runner and its patterns; a note outlives its module. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "port/pattern_port.hpp"
#include "runtime/module_description.hpp"

namespace patchbay {

/// The calls of one module, one at a time. Its texts never move, so a signal handler may read them.
class StepNote {
 public:
  /// `crash_file`: where a module that ends the process is noted; "" for nowhere.
  StepNote(std::string instance, std::string module, const std::filesystem::path& crash_file);
  ~StepNote();
  StepNote(const StepNote&) = delete;
  StepNote& operator=(const StepNote&) = delete;

  /// Marks a call of the module, on the thread that makes it, for as long as it lives.
  class Scope {
   public:
    /// `step` is a literal: it is read as long as the process runs.
    Scope(StepNote& note, const char* step) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    StepNote& note_;
    StepNote* outer_;
  };

  /// The call that this thread is in; null for none. Fit for signal handlers.
  [[nodiscard]] static const StepNote* on_this_thread() noexcept;
  /// Where the notes of all modules stand; null for none. Of more modules the last are left out.
  using Places = std::array<std::atomic<const StepNote*>, 64>;
  /// Fit for signal handlers.
  [[nodiscard]] static const Places& all() noexcept;
  [[nodiscard]] const char* instance() const noexcept { return instance_.c_str(); }
  [[nodiscard]] const char* module() const noexcept { return module_.c_str(); }
  [[nodiscard]] const char* crash_file() const noexcept { return crash_file_.c_str(); }
  /// Null while no call is under way. [any thread]
  [[nodiscard]] const char* step() const noexcept { return step_; }
  [[nodiscard]] std::chrono::steady_clock::time_point since() const noexcept { return since_; }

 private:
  const std::string instance_;
  const std::string module_;
  const std::string crash_file_;
  std::atomic<const char*> step_{nullptr};
  std::atomic<std::chrono::steady_clock::time_point> since_{};
};

class StepNotes {
 public:
  StepNotes(std::string instance, std::filesystem::path crash_file)
      : instance_(std::move(instance)), crash_file_(std::move(crash_file)) {}

  /// Adds the note of a module of this instance, by its file; kept as long as somebody holds it.
  [[nodiscard]] std::shared_ptr<StepNote> add(const std::string& module);
  /// The call that lasts longest of those under way.
  [[nodiscard]] std::optional<StepUnderWay> longest() const;

 private:
  const std::string instance_;
  const std::filesystem::path crash_file_;
  mutable std::mutex mutex_;  // other threads ask while a step hangs
  std::vector<std::weak_ptr<StepNote>> notes_;
};

/// The pattern, with a mark in `note` around each of its calls, its end included.
[[nodiscard]] PatternOwner note_steps(PatternOwner pattern, std::shared_ptr<StepNote> note);

}  // namespace patchbay
