#include "app/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace patchbay::app {
namespace {

constexpr const char* kLockFile = "patchbay.lock";

tl::unexpected<Error> unusable(const std::filesystem::path& path, const std::string& why) {
  return failure(ErrorCode::rejected, "The directory " + path.string() + " cannot be used: " + why +
                                          "; make it writable, or choose another one with "
                                          "--directory.");
}

Result<std::string> make_token(const std::filesystem::path& file) {
  auto token = make_secret();
  if (!token) return token;
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return unusable(file.parent_path(), std::strerror(errno));
  const std::string line = *token + "\n";
  const bool written =
      write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const std::string why = std::strerror(errno);
  close(descriptor);
  if (!written) return unusable(file.parent_path(), why);
  return token;
}

}  // namespace

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> DirectoryLock::take(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return unusable(directory, failed.message());
  const auto file = directory / kLockFile;
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return unusable(directory, std::strerror(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return {};
  return failure(ErrorCode::rejected, "Another host uses the directory " + directory.string() +
                                          "; stop it, or choose another directory with "
                                          "--directory.");
}

Result<std::string> make_secret() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return failure(ErrorCode::retry, "The system gave no random bytes; try again.");
  }
  std::string secret;
  for (const unsigned char byte : bytes) {
    secret.push_back("0123456789abcdef"[byte >> 4U]);
    secret.push_back("0123456789abcdef"[byte & 15U]);
  }
  return secret;
}

bool is_locked(const std::filesystem::path& directory) {
  const auto file = directory / kLockFile;
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno != ENOENT;
  const bool locked = flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  close(descriptor);
  return locked;
}

std::string read_token(const std::filesystem::path& directory) {
  std::string token;
  std::ifstream(directory / "token") >> token;
  return token;
}

Result<std::string> read_or_make_token(const std::filesystem::path& directory) {
  const auto file = directory / "token";
  std::string token = read_token(directory);
  if (token.empty()) return make_token(file);
  if (chmod(file.c_str(), 0600) != 0) return unusable(directory, std::strerror(errno));
  return token;
}

}  // namespace patchbay::app
