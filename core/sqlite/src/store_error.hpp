// Translates SQLite's exceptions to Errors: what is wrong, with which file, and what to do. Store
// -> here. Pure.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <patchbay/result.hpp>

namespace patchbay::sqlite {

[[nodiscard]] Error error_of(const SQLite::Exception& thrown, const std::filesystem::path& file);
/// Says whether only a damaged file causes this exception.
[[nodiscard]] bool is_damage(const SQLite::Exception& thrown) noexcept;
/// The same, except while the disk does not give a page, for which SQLite has the same code.
[[nodiscard]] bool is_damage(const SQLite::Exception& thrown, SQLite::Database& database) noexcept;

}  // namespace patchbay::sqlite
