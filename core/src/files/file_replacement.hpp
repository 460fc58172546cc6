// Replaces a small file as a whole: its readers find the old text or the new one, never a part.
// Text -> "<file>.new" -> rename. Pure functions of the file system; a file has one writer at a
// time. [any thread]
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace patchbay::files {

/// The state that outlasts a power failure once a file has been replaced.
enum class Durability : std::uint8_t {
  none,  ///< Nothing for certain: the old text, the new one, or an empty file.
  disk,  ///< The new text under its name.
};

/// Replaces a file, and makes its directory when that is missing. After an error the old text
/// is still there, or, if the directory cannot be synced, the new one.
[[nodiscard]] std::error_code replace_file(const std::filesystem::path& file, std::string_view text,
                                           Durability durability);

/// Waits until the content of a file, or the names in a directory, outlast a power failure.
[[nodiscard]] std::error_code sync_to_disk(const std::filesystem::path& path);

}  // namespace patchbay::files
