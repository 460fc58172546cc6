#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <patchbay/sqlite/lease.hpp>
#include <string>
#include <system_error>

#include "damage.hpp"

namespace patchbay::sqlite {
namespace {

namespace fs = std::filesystem;

fs::path lease_of(const fs::path& file) {
  fs::path path = file;
  path += ".lease";
  return path;
}

std::string reason(int number) {
  return std::error_code(number, std::generic_category()).message();
}

}  // namespace

Result<Lease> Lease::take(const fs::path& file) {
  const fs::path path = lease_of(file);
  std::error_code ignored;
  if (is_in_the_way(path)) fs::rename(path, name_aside(path), ignored);
  const int opened = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) {
    return failure(ErrorCode::retry,
                   "The store " + file.string() + " cannot be used: " + path.string() + ": " +
                       reason(errno) + "; its directory must be there, writable, and have room.");
  }
  if (::flock(opened, LOCK_EX | LOCK_NB) == 0) return Lease(opened);
  const int failed = errno;
  ::close(opened);
  if (failed == EWOULDBLOCK) {
    return failure(ErrorCode::rejected,
                   "The store " + file.string() + " is in use by another process, which holds " +
                       path.string() + "; stop that process or use another data directory.");
  }
  return failure(ErrorCode::rejected, "The lease " + path.string() + " cannot be taken: " +
                                          reason(failed) + "; use a local disk.");
}

/// The lock belongs to the open file, so that it stays as long as one of its descriptors does.
Result<Lease> Lease::share(int descriptor, const fs::path& file) {
  struct stat wanted {};
  struct stat shared {};
  const bool same = ::stat(lease_of(file).c_str(), &wanted) == 0 &&
                    ::fstat(descriptor, &shared) == 0 && wanted.st_dev == shared.st_dev &&
                    wanted.st_ino == shared.st_ino;
  const int copy = same ? ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : -1;
  if (copy >= 0) return Lease(copy);
  return failure(ErrorCode::rejected, "The lease that was passed on is not that of the store " +
                                          file.string() + "; nothing was opened.");
}

bool Lease::is_known(const fs::path& file) noexcept {
  std::error_code unknown;
  return fs::exists(lease_of(file), unknown);
}

Lease::~Lease() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace patchbay::sqlite
