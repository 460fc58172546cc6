// Where the files lie that belong to this program. The binary's own path -> here -> app, patterns.
// Reads the file system only.
#pragma once

#include <filesystem>
#include <string>

namespace patchbay {

/// The directory above the binary's: of an installation, wherever it was moved, or of a build.
[[nodiscard]] std::filesystem::path prefix();
/// The installed files of share/patchbay; in a build tree, where the sources have them.
[[nodiscard]] std::filesystem::path shared_directory(const std::string& name,
                                                     const std::filesystem::path& in_the_sources);

}  // namespace patchbay
