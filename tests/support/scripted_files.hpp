// ScriptedFiles: file events that happen when the test says so. Tests of file watches -> this ->
// the watch's executor. Watches one file at a time; no threads.
#pragma once

#include <filesystem>
#include <functional>
#include <patchbay/result.hpp>
#include <utility>

#include "runtime/file_events.hpp"

namespace patchbay::test {

class ScriptedFiles final : public FileEvents {
 public:
  Result<WatchedFileId> watch(const std::filesystem::path& file, Executor& executor,
                              std::function<void()> changed) override {
    if (at_limit) return failure(ErrorCode::retry, "The limit is reached.");
    watched = file;
    event = [&executor, changed = std::move(changed)] { executor.post(changed); };
    return ++last_id_;
  }
  void unwatch(WatchedFileId id) override {
    if (id == last_id_) watched.clear();
  }

  bool at_limit = false;
  std::filesystem::path watched;  ///< "" while none is.
  std::function<void()> event;    ///< The file has changed.

 private:
  WatchedFileId last_id_ = 0;
};

}  // namespace patchbay::test
