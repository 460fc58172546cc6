#include "electric/cache_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <system_error>

#include "files/file_replacement.hpp"

namespace patchbay::electric {
namespace {

tl::unexpected<Error> failed_to(const char* what, const std::filesystem::path& path) {
  return failure(ErrorCode::retry,
                 path.string() + " cannot be " + what + ": " + std::strerror(errno));
}

void make_directory(const std::filesystem::path& directory) {
  std::error_code failed;
  if (!std::filesystem::create_directories(directory, failed)) return;
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
}

}  // namespace

Result<CacheFile> CacheFile::open(const std::filesystem::path& path) {
  CacheFile file;
  file.path_ = path;
  constexpr int kFlags = O_NONBLOCK | O_CLOEXEC;  // a pipe would be waited for
  file.descriptor_ = files::OwnedDescriptor(::open(path.c_str(), O_RDWR | kFlags));
  // A file that may only be read still has rows to show.
  if (!file.is_open()) {
    file.descriptor_ = files::OwnedDescriptor(::open(path.c_str(), O_RDONLY | kFlags));
  }
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return file;
    return failed_to("opened", path);
  }
  struct stat status {};
  if (fstat(file.descriptor(), &status) != 0) return failed_to("opened", path);
  if (!S_ISREG(status.st_mode)) {
    return failure(ErrorCode::retry, path.string() + " is not a plain file");
  }
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

Result<CacheFile> CacheFile::create(const std::filesystem::path& path) {
  make_directory(path.parent_path());
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);  // it may be a directory
  CacheFile file;
  file.path_ = path;
  file.descriptor_ =
      files::OwnedDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return failed_to("made", path);
  return file;
}

Result<void> CacheFile::append(std::string_view bytes) {
  std::uint64_t end = size_;
  while (!bytes.empty()) {
    const ssize_t count = pwrite(descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(end));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (count == 0) errno = ENOSPC;
      auto error = failed_to("written", path_);
      (void)cut(size_);  // a torn end is found by its checksums all the same
      return error;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
    end += static_cast<std::uint64_t>(count);
  }
  size_ = end;
  return {};
}

Result<void> CacheFile::cut(std::uint64_t size) {
  if (ftruncate(descriptor(), static_cast<off_t>(size)) != 0) return failed_to("cut", path_);
  size_ = size;
  return {};
}

Result<void> CacheFile::move_to(const std::filesystem::path& path) {
  if (fsync(descriptor()) != 0) return failed_to("written", path_);
  if (std::rename(path_.c_str(), path.c_str()) != 0) return failed_to("renamed", path_);
  path_ = path;
  if (files::sync_to_disk(path.parent_path())) return failed_to("written", path.parent_path());
  return {};
}

Result<std::filesystem::path> set_aside(const std::filesystem::path& path, const std::string& why) {
  const std::string name = path.string() + "." + why + "-" + std::to_string(std::time(nullptr));
  std::filesystem::path target = name;
  std::error_code failed;
  const auto is_there = [&] {
    return std::filesystem::exists(std::filesystem::symlink_status(target, failed));
  };
  for (int number = 2; is_there(); ++number) {
    target = name + "-" + std::to_string(number);
  }
  if (std::rename(path.c_str(), target.c_str()) != 0) return failed_to("set aside", path);
  return target;
}

}  // namespace patchbay::electric
