// FileEvents: tells that a file, or SQLite's own files beside it, may have changed. The seam before
// the system's file events: a file watch asks, AsioFileEvents is the real one, tests script one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <patchbay/result.hpp>

#include "strand/executor.hpp"

namespace patchbay {

/// Names a watched file. 0 stands for none.
using WatchedFileId = std::uint64_t;

class FileEvents {
 public:
  virtual ~FileEvents() = default;
  /// Posts `changed` to `executor` when the file, its -wal or its -journal was written, made or
  /// removed, until `unwatch`. An event says "soon": what was written may not be visible yet.
  /// The directory must be there, the file need not. An error: there will be no events. [any
  /// thread]
  [[nodiscard]] virtual Result<WatchedFileId> watch(const std::filesystem::path& file,
                                                    Executor& executor,
                                                    std::function<void()> changed) = 0;
  /// Ends a watch; work that is posted already still runs. [any thread]
  virtual void unwatch(WatchedFileId id) = 0;
};

}  // namespace patchbay
