// PluginFile: the bytes of a plugin's file, taken once, after it has been checked that the file is
// where plugins may be and that nobody else can change it. What is checked and loaded later is
// these bytes, so a file that is replaced meanwhile changes nothing. For the plugin loader.
#pragma once

#include <cstddef>
#include <filesystem>
#include <patchbay/result.hpp>
#include <span>
#include <vector>

#include "files/owned_descriptor.hpp"

namespace patchbay {

struct PluginFile {
  std::filesystem::path path;  ///< Where it really is, links resolved.
  std::vector<std::byte> bytes;
};

/// Reads a plugin's file. ErrorCode::rejected names the file, what is wrong with it, and what to
/// do: it is missing or not a regular file; it is (links resolved) in none of `directories`, or it
/// or a directory on the way to it belongs to another user or can be written by others.
[[nodiscard]] Result<PluginFile> read_plugin_file(
    const std::filesystem::path& path, std::span<const std::filesystem::path> directories);

/// A private copy in memory, named after `name` for debuggers; nobody can change it any more.
[[nodiscard]] Result<files::OwnedDescriptor> copy_to_memory(std::span<const std::byte> bytes,
                                                            const std::string& name);

}  // namespace patchbay
