// Replaces a damaged store: its file is renamed, never overwritten, and a new file takes its place
// with the writes that can be read. Store -> here -> the files beside the store. No state.
//
//   <file>.damage         a note that the file is damaged, on its second line, once it is known,
//                         the name it gets, on its third a checksum; gone when all is done
//   <file>.damaged-<UTC>  the damaged file, with its -wal and -shm
//   <file>.new            the new file while it is filled
//   <file>.mended         a copy of the damaged one with all of its log, while it is read
//
// A store that is gone or empty while its log is there counts as damaged. Without a log nothing can
// be set aside, and the store starts empty, with a warning.
//
// Each step can be repeated: a kill in between loses nothing.
#pragma once

#include <filesystem>
#include <patchbay/sqlite/store.hpp>
#include <string_view>

namespace patchbay::sqlite {

/// Says whether something that SQLite could never use stands in the place of a file: a directory, a
/// pipe, a link to itself. False for what cannot be looked at now, which may be a file.
[[nodiscard]] bool is_in_the_way(const std::filesystem::path& file) noexcept;
/// A free name for the damaged file: "<file>.damaged-<time>".
[[nodiscard]] std::filesystem::path name_aside(const std::filesystem::path& file);

/// Leaves the note for the next start. Does what it can: the disk may be the reason.
void mark_damaged(const std::filesystem::path& file, std::string_view why) noexcept;
[[nodiscard]] bool is_marked_damaged(const std::filesystem::path& file) noexcept;
/// Sets the file aside and puts a new one in its place; the host's log tells of it. Throws
/// SQLite::Exception or std::filesystem::filesystem_error.
void replace_damaged(const StoreOptions& options, Host& host);

}  // namespace patchbay::sqlite
