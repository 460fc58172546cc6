// ModelFiles: file events that come when the script says so. World -> this -> the runner's watch.
// One thread.
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
  /// Every watched file has changed.
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
