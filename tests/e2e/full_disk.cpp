// Preloaded into a host: no SQLite file of it can be written while the file FULL_DISK names is
// there, as on a disk that is full.
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

bool is_full(int descriptor) {
  const char* mark = std::getenv("FULL_DISK");
  if (mark == nullptr || access(mark, F_OK) != 0) return false;
  std::array<char, 4'096> target = {};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  const std::string_view path(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return path.find(".db") != std::string_view::npos;
}

}  // namespace

extern "C" ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t at) {
  if (is_full(descriptor)) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_pwrite64, descriptor, bytes, count, at);
}

extern "C" ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off_t at) {
  return pwrite(descriptor, bytes, count, at);
}
