// AsioFileEvents: file events by inotify, read on an io_context. Implements FileEvents. Owned by
// the IoPool; nothing is opened before the first watch.
//
// The directory is watched, not the file: SQLite's -wal goes with the last connection and comes
// back as another file, and events of a directory name the file they are about.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "runtime/file_events.hpp"

namespace patchbay {

class AsioFileEvents final : public FileEvents {
 public:
  explicit AsioFileEvents(boost::asio::io_context& io) : inotify_(io) {}

  Result<WatchedFileId> watch(const std::filesystem::path& file, Executor& executor,
                              std::function<void()> changed) override;
  void unwatch(WatchedFileId id) override;

 private:
  struct WatchedFile {
    int directory = -1;  ///< inotify's watch descriptor, shared by the files of one directory.
    std::string name;
    Executor* executor = nullptr;
    std::function<void()> changed;
  };

  [[nodiscard]] Result<void> open();
  void wait();
  void read_events();
  void collect(int directory, std::string_view name, std::set<WatchedFileId>& touched) const;

  boost::asio::posix::stream_descriptor inotify_;
  std::mutex mutex_;  // the pool's threads and those that watch
  std::map<WatchedFileId, WatchedFile> files_;
  WatchedFileId last_id_ = 0;
};

}  // namespace patchbay
