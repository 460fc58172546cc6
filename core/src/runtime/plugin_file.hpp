// PluginFile: the bytes of a plugin's file, taken once, after the file has been found to be where
// plugins may be and nobody else's to change. What is checked and loaded later is these bytes, so a
// file that is replaced meanwhile changes nothing. For the plugin loader.
#pragma once

#include <cstddef>
#include <filesystem>
#include <patchbay/result.hpp>
#include <span>
#include <vector>

namespace patchbay {

struct PluginFile {
  std::filesystem::path path;  ///< Where it really is, links resolved.
  std::vector<std::byte> bytes;
};

/// ErrorCode::rejected names the file, what is wrong with it, and what to do: it is missing or no
/// regular file, it is (links resolved) in none of `directories`, or it or a directory on the way
/// to it belongs to another user or can be written by others.
[[nodiscard]] Result<PluginFile> read_plugin_file(
    const std::filesystem::path& path, std::span<const std::filesystem::path> directories);

/// A file descriptor, closed when this goes.
class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept;
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
  ~OwnedDescriptor();

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  /// Leaves the descriptor open for ever.
  void keep_open() noexcept { descriptor_ = -1; }
  /// The name under which this process can open what the descriptor refers to.
  [[nodiscard]] std::filesystem::path path() const;

 private:
  int descriptor_;
};

/// A private copy in memory, named after `name` for debuggers; nobody can change it any more.
[[nodiscard]] Result<OwnedDescriptor> copy_to_memory(std::span<const std::byte> bytes,
                                                     const std::string& name);

}  // namespace patchbay
