// FileWatch: looks into a pattern's files when another process may have changed them. File events
// and the clock -> here -> the runner's look. On the runner's thread, owned by it.
//
//   idle ──event──► burst: a look immediately, then one every kLocalLookInterval ──found, no event
//     ▲               since──────────────────────────────┐
//     └──────────────kLocalLookSpan after the last event─┴──► idle: a look every so often
//
// An event comes before a commit is visible, so one look is not enough; and one may be missed, so
// there is a slow look besides. Where the system gives no events the slow look is a faster one.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/file_events.hpp"
#include "time/clock.hpp"

namespace patchbay {

class FileWatch {
 public:
  enum class Look {
    nothing,
    found,
    later,  ///< The look was impossible: it is repeated after growing waits.
    end,    ///< No further look.
  };
  struct Parts {
    Executor& thread;
    Clock& clock;
    FileEvents* events = nullptr;  ///< Null: there are none.
  };

  /// The first look comes soon. `name` is the component whose log says that there are no events.
  FileWatch(Parts parts, const std::string& name, const std::vector<std::filesystem::path>& files,
            std::function<Look()> look);
  /// Ends the watch: no look starts afterwards.
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  struct State;

  void watch(const std::string& name, const std::filesystem::path& file);

  Parts parts_;
  std::vector<WatchedFileId> watched_;
  std::shared_ptr<State> state_;
};

}  // namespace patchbay
