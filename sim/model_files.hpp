// ModelFiles: file events that come when a script says so. World -> this -> the runner's watch.
// Owned by the world; one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>

#include "runtime/file_events.hpp"

namespace patchbay::sim {

class ModelFiles final : public FileEvents {
 public:
  Result<WatchedFileId> watch(const std::filesystem::path& file, Executor& executor,
                              std::function<void()> changed) override;
  void unwatch(WatchedFileId id) override { watched_.erase(id); }
  /// Tells every watcher that its file has changed.
  void changed() const;

 private:
  struct Watched {
    Executor* executor = nullptr;
    std::function<void()> changed;
  };
  std::map<WatchedFileId, Watched> watched_;
  WatchedFileId last_ = 0;
};

}  // namespace patchbay::sim
