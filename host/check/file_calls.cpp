#include "check/file_calls.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <system_error>

namespace patchbay::check {
namespace {

constexpr int kNoDescriptor = -1;

struct FileCall {
  std::uint64_t number = 0;
  int descriptor = kNoDescriptor;  ///< The index of the argument that names the file.
};

/// The calls that not every architecture has are those of x86-64 from before the *at calls.
constexpr FileCall kFileCalls[] = {
    {SYS_write, 0},
    {SYS_pwrite64, 0},
    {SYS_writev, 0},
    {SYS_pwritev, 0},
    {SYS_pwritev2, 0},
    {SYS_sendfile, 0},
    {SYS_splice, 2},
    {SYS_copy_file_range, 2},
    {SYS_fsync, 0},
    {SYS_fdatasync, 0},
    {SYS_sync_file_range, 0},
    {SYS_ftruncate, 0},
    {SYS_fallocate, 0},
    {SYS_msync},
    {SYS_truncate},
    {SYS_renameat2},
    {SYS_unlinkat},
    {SYS_linkat},
    {SYS_symlinkat},
    {SYS_mkdirat},
#ifdef SYS_renameat
    {SYS_renameat},
#endif
#ifdef SYS_rename
    {SYS_rename},
    {SYS_unlink},
    {SYS_link},
    {SYS_symlink},
    {SYS_mkdir},
    {SYS_rmdir},
#endif
};

bool is_below(const std::filesystem::path& file, const std::filesystem::path& directory) {
  const auto [end, unused] =
      std::mismatch(directory.begin(), directory.end(), file.begin(), file.end());
  return end == directory.end();
}

/// The file behind a descriptor of another process; "" where there is none.
std::filesystem::path file_of(pid_t thread, std::uint64_t descriptor) {
  std::error_code none;
  return std::filesystem::read_symlink(
      "/proc/" + std::to_string(thread) + "/fd/" + std::to_string(descriptor), none);
}

}  // namespace

bool changes_file(pid_t thread, std::uint64_t call, std::span<const std::uint64_t, 6> arguments,
                  const std::filesystem::path& directory) {
  const auto* found = std::ranges::find(kFileCalls, call, &FileCall::number);
  if (found == std::end(kFileCalls)) return false;
  if (found->descriptor == kNoDescriptor) return true;
  const std::uint64_t descriptor = arguments[static_cast<std::size_t>(found->descriptor)];
  return is_below(file_of(thread, descriptor), directory);
}

}  // namespace patchbay::check
