// Another program on the device that writes a pattern's SQLite file by SQL, and how the host is
// told that the file has changed. World -> these -> the pattern's store. No test framework; one
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/file_events.hpp"
#include "runtime/pattern_port.hpp"

namespace patchbay::conformance {

/// The operations as statements of one transaction, which is marked to be one write.
[[nodiscard]] std::string sql_of(const std::vector<RequestedOperation>& operations);

/// Runs statements on a connection of their own. "" or the error.
[[nodiscard]] std::string run_sql(const std::filesystem::path& file, const std::string& statements);

/// File events that come when the script says so.
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

}  // namespace patchbay::conformance
