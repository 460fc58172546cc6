#include "unprivileged_user.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace patchbay::embedded {
namespace {

std::optional<UnprivilegedUser> from_passwd(const passwd* entry) {
  if (entry == nullptr || entry->pw_uid == 0) return std::nullopt;
  return UnprivilegedUser{entry->pw_uid, entry->pw_gid, entry->pw_name};
}

}  // namespace

Result<std::optional<UnprivilegedUser>> choose_user(const std::filesystem::path& data) {
  if (geteuid() != 0) return std::nullopt;
  struct stat status = {};
  if (stat(data.c_str(), &status) == 0 && status.st_uid != 0) {
    if (auto owner = from_passwd(getpwuid(status.st_uid))) return owner;
    return UnprivilegedUser{status.st_uid, status.st_gid, std::to_string(status.st_uid)};
  }
  for (const char* name : {"postgres", "nobody"}) {
    if (auto user = from_passwd(getpwnam(name))) return user;
  }
  return failure(ErrorCode::unsupported,
                 "PostgreSQL refuses to run as root, and this system has neither a user 'postgres' "
                 "nor a user 'nobody' to run it as: start as another user, or create one of them.");
}

std::optional<std::filesystem::path> untraversable_parent(const std::filesystem::path& directory,
                                                          const UnprivilegedUser& user) {
  std::vector<std::string> prefixes;
  std::filesystem::path prefix;
  for (const auto& part : directory) prefixes.push_back((prefix /= part).string());
  // A child of that user asks the kernel, which knows mode bits, access lists and mounts.
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) {
    if (!process::change_user(user)) _exit(0);
    int index = 1;
    for (const auto& path : prefixes) {
      if (::access(path.c_str(), X_OK) != 0) _exit(index);
      index = std::min(index + 1, 255);
    }
    _exit(0);
  }
  const int status = process::collect(child);
  const int index = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  if (index == 0) return std::nullopt;
  return prefixes[static_cast<std::size_t>(index) - 1];
}

}  // namespace patchbay::embedded
