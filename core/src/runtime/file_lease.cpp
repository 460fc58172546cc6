#include "runtime/file_lease.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "files/owned_descriptor.hpp"

namespace patchbay {
namespace {

std::filesystem::path lease_path(std::filesystem::path file) {
  file += ".lease";
  return file;
}

/// The lock belongs to the open file, and goes with it.
class FileLease final : public Lease {
 public:
  explicit FileLease(files::OwnedDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  [[nodiscard]] bool is_of(std::string_view file) const override {
    struct stat wanted {};
    struct stat held {};
    return ::stat(lease_path(file).c_str(), &wanted) == 0 &&
           ::fstat(descriptor_.get(), &held) == 0 && wanted.st_dev == held.st_dev &&
           wanted.st_ino == held.st_ino;
  }

 private:
  files::OwnedDescriptor descriptor_;
};

std::string reason(int number) {
  return std::error_code(number, std::generic_category()).message();
}

}  // namespace

Result<LeaseRef> take_file_lease(const std::filesystem::path& file) {
  const std::filesystem::path path = lease_path(file);
  files::OwnedDescriptor opened(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!opened.is_open()) {
    return failure(ErrorCode::retry,
                   "The store " + file.string() + " cannot be used: " + path.string() + ": " +
                       reason(errno) + "; its directory must be there, writable, and have room.");
  }
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0) {
    return std::make_shared<const FileLease>(std::move(opened));
  }
  const int failed = errno;
  if (failed == EWOULDBLOCK) {
    return failure(ErrorCode::rejected,
                   "The store " + file.string() + " is in use by another process, which holds " +
                       path.string() + "; stop that process or use another data directory.");
  }
  return failure(ErrorCode::rejected, "The lease " + path.string() + " cannot be taken: " +
                                          reason(failed) + "; use a local disk.");
}

}  // namespace patchbay
