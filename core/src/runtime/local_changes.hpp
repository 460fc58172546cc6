// LocalChanges: has the pattern look into its files when another program may have written them, as
// a step of its own. FileWatch -> here -> pattern. On the runner's strand, owned by the runner.
#pragma once

#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "runtime/file_watch.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/view_reader.hpp"

namespace patchbay {

class LocalChanges {
 public:
  /// All of these outlive it; so does what `parts` names.
  LocalChanges(FileWatch::Parts parts, PatternSlot& slot, StepLoop& loop, ViewReader& reader)
      : parts_(parts), slot_(slot), loop_(loop), reader_(reader) {}

  /// Watches the files that the pattern has asked for in its start; none where it has not.
  void watch();
  /// No look follows until `watch`.
  void stop() { watch_.reset(); }
  /// Has the pattern look now; nothing where no file is watched.
  [[nodiscard]] FileWatch::Look look();
  /// The same: whether something was found. ErrorCode::retry: the pattern cannot look yet.
  [[nodiscard]] Result<bool> take();
  /// The pattern hands over to one of another plugin: it looks for the last time, and its store
  /// refuses what other programs write later, where it can. Look again, and it takes them again.
  /// ErrorCode::retry: it cannot look yet.
  [[nodiscard]] Result<void> close(const std::string& successor);

 private:
  [[nodiscard]] Result<void> run(const StepLoop::Run& step);

  FileWatch::Parts parts_;
  PatternSlot& slot_;
  StepLoop& loop_;
  ViewReader& reader_;
  std::unique_ptr<FileWatch> watch_;  ///< Null while no file is watched.
};

}  // namespace patchbay
