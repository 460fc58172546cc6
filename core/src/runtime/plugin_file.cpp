#include "runtime/plugin_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "files/error_text.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {
namespace fs = std::filesystem;
namespace {

tl::unexpected<Error> refused(const fs::path& path, const std::string& why) {
  return failure(ErrorCode::rejected, "The plugin " + path.string() + " " + why);
}

/// Only root and the user of this process may be able to change what is loaded into it.
Result<void> check_ownership(const struct stat& status, const fs::path& plugin,
                             const fs::path& what) {
  const std::string where =
      what == plugin ? "" : "is in the directory " + what.string() + ", which ";
  if (status.st_uid != 0 && status.st_uid != geteuid()) {
    return refused(plugin, where + "belongs to another user; it must belong to root or to the " +
                               "user that runs patchbay.");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refused(plugin, where + "can be written by others; run: chmod go-w " + what.string());
  }
  return {};
}

bool is_below(const fs::path& directory, const fs::path& path) {
  const auto relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

/// Checks every directory from the file's own up to the plugin directory it is in.
Result<void> check_directories(const fs::path& plugin, std::span<const fs::path> directories) {
  std::string names;
  for (const fs::path& directory : directories) {
    std::error_code error;
    const fs::path real = fs::canonical(directory, error);
    names += (names.empty() ? "" : ", ") + directory.string();
    if (error || !is_below(real, plugin)) continue;
    for (fs::path at = plugin.parent_path();; at = at.parent_path()) {
      struct stat status {};
      if (stat(at.c_str(), &status) != 0) {
        return refused(
            plugin, "is in a directory that cannot be examined: " + files::error_text(errno) + ".");
      }
      if (auto checked = check_ownership(status, plugin, at); !checked) return checked;
      if (at == real) return {};
    }
  }
  return refused(plugin, "is outside the plugin directories (" + names +
                             "); move it into one of them, or add its directory to them.");
}

Result<std::vector<std::byte>> read_all(int descriptor, std::size_t size, const fs::path& path) {
  std::vector<std::byte> bytes(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = read(descriptor, bytes.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(path, "cannot be read: " + files::error_text(errno) + ".");
    if (count == 0) return refused(path, "became shorter while it was read; try again.");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace

Result<PluginFile> read_plugin_file(const fs::path& path, std::span<const fs::path> directories) {
  // Without O_NONBLOCK opening a named pipe would wait for a writer.
  const files::OwnedDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    return refused(path, "cannot be opened: " + files::error_text(errno) +
                             "; give the path of a plugin's .so.");
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) {
    return refused(path, "cannot be examined: " + files::error_text(errno) + ".");
  }
  if (!S_ISREG(status.st_mode)) {
    return refused(path, "is not a regular file; give the path of a plugin's .so.");
  }
  // Where the opened file really is: a link that is bent now leads nowhere else.
  std::error_code error;
  const fs::path real = fs::read_symlink(file.path(), error);
  if (error) return refused(path, "cannot be examined: " + error.message() + ".");
  if (auto checked = check_directories(real, directories); !checked) {
    return tl::unexpected(checked.error());
  }
  if (auto checked = check_ownership(status, real, real); !checked) {
    return tl::unexpected(checked.error());
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > tuning::kPluginFileBytesMax) {
    return refused(real, "is larger than " + std::to_string(tuning::kPluginFileBytesMax >> 20U) +
                             " MiB; strip its debugging symbols.");
  }
  auto bytes = read_all(file.get(), size, real);
  if (!bytes) return tl::unexpected(bytes.error());
  return PluginFile{real, std::move(*bytes)};
}

Result<files::OwnedDescriptor> copy_to_memory(std::span<const std::byte> bytes,
                                              const std::string& name) {
  files::OwnedDescriptor memory(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const auto failed = [&name] {
    return failure(ErrorCode::retry, "The plugin " + name + " cannot be copied to memory: " +
                                         files::error_text(errno) + ".");
  };
  if (!memory.is_open()) return failed();
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = write(memory.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed();
    done += static_cast<std::size_t>(count);
  }
  constexpr int kSealAttemptsMax = 500;
  constexpr std::chrono::milliseconds kSealPause{2};
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  // Busy while the kernel still holds a page of the writes: over within moments.
  for (int attempt = 0; fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0; ++attempt) {
    if (errno != EBUSY || attempt == kSealAttemptsMax) return failed();
    std::this_thread::sleep_for(kSealPause);
  }
  return memory;
}

}  // namespace patchbay
