#include "app/data_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace patchbay::app {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kPrivate = fs::perms::owner_all;
constexpr fs::perms kPassable = kPrivate | fs::perms::group_exec | fs::perms::others_exec;

/// Files that a host makes in its directory; postgres/ has an owner of its own and is left to it.
constexpr std::array<std::string_view, 10> kOwn{
    "patchbay.lock", "token",    "api-address", "shapes.json", "shapes.json.new",
    "shapes",        "patterns", "crashes",     "sync",        "postgres"};

bool is_own(const fs::path& name) {
  return std::ranges::find(kOwn, name.string()) != kOwn.end();
}

/// Works by path: a descriptor of our own would drop SQLite's locks when it is closed.
void close_entry(const fs::directory_entry& entry) {
  std::error_code ignored;
  const fs::file_status status = entry.symlink_status(ignored);
  const fs::perms open = fs::perms::group_all | fs::perms::others_all;
  const bool plain = fs::is_regular_file(status) || fs::is_directory(status);
  if (!plain || (status.permissions() & open) == fs::perms::none) return;
  fs::permissions(entry.path(), open, fs::perm_options::remove, ignored);
}

void close_tree(const fs::path& top) {
  std::error_code failed;
  close_entry(fs::directory_entry(top, failed));
  if (failed || !fs::is_directory(fs::symlink_status(top, failed))) return;
  for (fs::recursive_directory_iterator at(top, failed), end; !failed && at != end;
       at.increment(failed)) {
    close_entry(*at);
  }
}

Result<void> make_missing(const fs::path& directory, mode_t mode) {
  std::error_code failed;
  if (fs::exists(directory, failed)) return {};
  if (directory.has_relative_path() && directory.has_parent_path()) {
    // Above root's data PostgreSQL's user passes, if not at this start then at another.
    const fs::perms above = geteuid() == 0 ? kPassable : kPrivate;
    auto made = make_missing(directory.parent_path(), static_cast<mode_t>(above));
    if (!made) return made;
  }
  const bool made = mkdir(directory.c_str(), mode) == 0 && chmod(directory.c_str(), mode) == 0;
  if (made || errno == EEXIST) return {};
  return failure(ErrorCode::rejected, "The directory " + directory.string() +
                                          " cannot be made: " + std::strerror(errno) +
                                          "; choose another one with --directory.");
}

}  // namespace

void keep_files_private() {
  umask(077);
}

Result<void> make_data_directory(const fs::path& directory, bool passable) {
  const fs::path full = fs::absolute(directory).lexically_normal();
  const fs::path plain = full.has_filename() ? full : full.parent_path();
  return make_missing(plain, static_cast<mode_t>(passable ? kPassable : kPrivate));
}

void close_to_others(const fs::path& directory, bool passable) {
  bool only_own = true;
  std::error_code failed;
  for (fs::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    const fs::path name = at->path().filename();
    only_own = only_own && is_own(name);
    if (is_own(name) && name != "postgres") close_tree(at->path());
  }
  if (failed || !only_own) return;
  fs::permissions(directory, passable ? kPassable : kPrivate, failed);
}

}  // namespace patchbay::app
