// Where SQLite's exceptions become Errors: what is wrong, with which file, what to do.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <patchbay/result.hpp>

namespace patchbay::sqlite {

[[nodiscard]] Error error_of(const SQLite::Exception& thrown, const std::filesystem::path& file);
/// True for what a sound file never brings.
[[nodiscard]] bool is_damage(const SQLite::Exception& thrown) noexcept;
/// SQLite says so, too, while the disk does not give a page: no damage as long as that lasts.
[[nodiscard]] bool is_damage(const SQLite::Exception& thrown, SQLite::Database& database) noexcept;

}  // namespace patchbay::sqlite
