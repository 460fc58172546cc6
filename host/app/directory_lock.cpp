#include "app/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <patchbay/kit/ascii.hpp>
#include <sstream>
#include <string_view>
#include <system_error>

#include "config/sealed_text.hpp"
#include "electric/cache_file.hpp"
#include "log/log.hpp"

namespace patchbay::app {
namespace {

constexpr const char* kLockFile = "patchbay.lock";

tl::unexpected<Error> unusable(const std::filesystem::path& path, const std::string& why) {
  return failure(ErrorCode::rejected, "The directory " + path.string() + " cannot be used: " + why +
                                          "; make it writable, or choose another one with "
                                          "--directory.");
}

constexpr std::string_view kTokenBegin = "pb_";
constexpr std::size_t kChecksumDigits = 16;
constexpr std::size_t kTokenLetters = kTokenBegin.size() + 32 + kChecksumDigits;

std::string with_checksum(const std::string& token) {
  return token + text_checksum(token);
}

/// A token that a host made ends with a checksum of its own; one made by hand, or by 0.1.0, is any
/// word.
bool is_token(const std::string& token) {
  const bool is_own = token.starts_with(kTokenBegin) || token.size() == kTokenLetters;
  if (!is_own) {
    return !token.empty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c < 127; });
  }
  return token.size() == kTokenLetters &&
         token == with_checksum(token.substr(0, token.size() - kChecksumDigits));
}

Result<std::string> make_token(const std::filesystem::path& file) {
  auto secret = make_secret();
  if (!secret) return secret;
  const std::string token = with_checksum(std::string(kTokenBegin) + *secret);
  const files::OwnedDescriptor opened(
      open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!opened.is_open()) return unusable(file.parent_path(), std::strerror(errno));
  const std::string line = token + "\n";
  const bool written =
      write(opened.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written) return unusable(file.parent_path(), std::strerror(errno));
  return token;
}

/// A file that a disk has changed is renamed, so that there is room for another.
void set_aside(const std::filesystem::path& file, const std::string& consequence) {
  const auto aside = electric::set_aside(file, "damaged");
  log::warning("host", "The file " + file.string() + " is not what was written; " +
                           (aside ? "it was set aside as " + aside->string()
                                  : "it cannot be set aside: " + aside.error().message) +
                           ". " + consequence);
}

}  // namespace

Result<void> DirectoryLock::take(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return unusable(directory, failed.message());
  const auto file = directory / kLockFile;
  const bool is_there = std::filesystem::exists(std::filesystem::symlink_status(file, failed));
  if (is_there && !std::filesystem::is_regular_file(file, failed))
    set_aside(file, "Another takes its place.");
  descriptor_ = files::OwnedDescriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!descriptor_.is_open()) return unusable(directory, std::strerror(errno));
  if (flock(descriptor_.get(), LOCK_EX | LOCK_NB) == 0) return {};
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
  for (const unsigned char byte : bytes) text::append_hex(secret, byte);
  return secret;
}

bool is_locked(const std::filesystem::path& directory) {
  const auto file = directory / kLockFile;
  const files::OwnedDescriptor opened(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!opened.is_open()) return errno != ENOENT;
  return flock(opened.get(), LOCK_SH | LOCK_NB) != 0;
}

std::string read_token(const std::filesystem::path& directory) {
  std::string token;
  std::istringstream(text_in(directory / "token").value_or("")) >> token;
  return token;
}

Result<std::string> read_or_make_token(const std::filesystem::path& directory) {
  const auto file = directory / "token";
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, failed))) {
    return make_token(file);
  }
  std::string token = read_token(directory);
  if (!is_token(token)) {
    set_aside(file, "A new token is made: use the address that is printed now.");
    return make_token(file);
  }
  if (chmod(file.c_str(), 0600) != 0) return unusable(directory, std::strerror(errno));
  return token;
}

}  // namespace patchbay::app
