// CacheFile: one file that grows at its end, and the ways a shape's cache replaces and keeps files.
// Shape log -> kernel. Move-only, owns its descriptor; used on the cache's worker. Errors are
// ErrorCode::retry: nothing else depends on a cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>

#include "files/owned_descriptor.hpp"

namespace patchbay::electric {

class CacheFile {
 public:
  /// Opens a file for reading and appending. No such file: a CacheFile that is not open.
  [[nodiscard]] static Result<CacheFile> open(const std::filesystem::path& path);
  /// Makes an empty file that only its owner may read, and its directory; replaces what was there.
  [[nodiscard]] static Result<CacheFile> create(const std::filesystem::path& path);

  [[nodiscard]] bool is_open() const noexcept { return descriptor_.is_open(); }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Appends all bytes, or leaves the file as it was, as far as the kernel lets it, and says why.
  [[nodiscard]] Result<void> append(std::string_view bytes);
  /// Cuts off everything behind `size`.
  [[nodiscard]] Result<void> cut(std::uint64_t size);
  /// Makes the file durable under that name, in place of the file that has it.
  [[nodiscard]] Result<void> move_to(const std::filesystem::path& path);

 private:
  std::filesystem::path path_;
  files::OwnedDescriptor descriptor_;
  std::uint64_t size_ = 0;
};

/// Renames a file to "<path>.<why>-<seconds>", a name nothing has, and gives that name.
[[nodiscard]] Result<std::filesystem::path> set_aside(const std::filesystem::path& path,
                                                      const std::string& why);

}  // namespace patchbay::electric
