#include "runtime/asio_file_events.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace patchbay {
namespace {

constexpr std::uint32_t kEvents =
    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

tl::unexpected<Error> no_events(const std::string& of, int error, const char* limit) {
  return failure(ErrorCode::unsupported, "The system gives no file events of " + of + ": " +
                                             std::strerror(error) + "; raise " + limit + ".");
}

bool belongs_to(std::string_view name, std::string_view file) {
  if (name.substr(0, file.size()) != file) return false;
  const std::string_view rest = name.substr(file.size());
  return rest.empty() || rest == "-wal" || rest == "-journal";
}

}  // namespace

Result<void> AsioFileEvents::open() {
  if (inotify_.is_open()) return {};
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return no_events("this process", errno, "fs.inotify.max_user_instances");
  inotify_.assign(descriptor);
  wait();
  return {};
}

Result<WatchedFileId> AsioFileEvents::watch(const std::filesystem::path& file, Executor& executor,
                                            std::function<void()> changed) {
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::weakly_canonical(file, failed);
  if (failed) {
    return failure(ErrorCode::unsupported,
                   "Cannot watch the file " + file.string() + ": " + failed.message() + ".");
  }
  const std::lock_guard lock(mutex_);
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  const std::string directory = real.parent_path().string();
  const int descriptor = inotify_add_watch(inotify_.native_handle(), directory.c_str(), kEvents);
  if (descriptor < 0) return no_events(directory, errno, "fs.inotify.max_user_watches");
  files_.emplace(++last_id_,
                 WatchedFile{descriptor, real.filename().string(), &executor, std::move(changed)});
  return last_id_;
}

void AsioFileEvents::unwatch(WatchedFileId id) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(id);
  if (found == files_.end()) return;
  const int directory = found->second.directory;
  files_.erase(found);
  const bool shared = std::ranges::any_of(
      files_, [directory](const auto& one) { return one.second.directory == directory; });
  if (!shared) inotify_rm_watch(inotify_.native_handle(), directory);
}

void AsioFileEvents::wait() {
  inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](auto error) {
    if (error) return;
    const std::lock_guard lock(mutex_);
    read_events();
    wait();
  });
}

void AsioFileEvents::read_events() {
  alignas(inotify_event) std::array<char, 16'384> buffer{};
  std::set<WatchedFileId> touched;
  while (true) {
    const ssize_t size = read(inotify_.native_handle(), buffer.data(), buffer.size());
    if (size <= 0) break;
    const char* const end = buffer.data() + size;
    for (const char* at = buffer.data(); at < end;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const char* const name = at + sizeof event;
      // Without a name it is about a directory itself, or the queue ran over: anything may be new.
      collect(event.wd, event.len == 0 ? std::string_view() : std::string_view(name), touched);
      at = name + event.len;
    }
  }
  for (const WatchedFileId id : touched) {
    const WatchedFile& file = files_.at(id);
    file.executor->post(file.changed);
  }
}

void AsioFileEvents::collect(int directory, std::string_view name,
                             std::set<WatchedFileId>& touched) const {
  for (const auto& [id, file] : files_) {
    if (name.empty() || (file.directory == directory && belongs_to(name, file.name))) {
      touched.insert(id);
    }
  }
}

}  // namespace patchbay
