// Config: every setting of `patchbay run` and of its parts. File and environment -> here -> the
// command line on top -> app. Plain values; one clear line for whatever is wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

namespace patchbay {

/// The settings of one instance of a pattern. `module` is a plugin's id ("online") or a path to its
/// file.
struct PatternConfig {
  std::string name;
  std::string module;
  std::vector<std::string> tables;  ///< Empty: all tables.
  std::map<std::string, std::string> settings;
  /// on_reject = "dependents": a rejected write takes along those that build on its rows.
  bool reject_dependents = false;
};

/// The settings of one table.
struct TableConfig {
  std::string name;
  /// Columns that the patterns never see and no write may name: generated ones, say.
  std::vector<std::string> columns_except;
  /// By column, as JSON text: what the bundled backend sets where an insert names no value.
  std::map<std::string, std::string> insert_defaults;
};

struct Config {
  std::filesystem::path directory;  ///< Data of this host; default_directory() when not set.
  std::vector<std::string> tables;
  std::vector<TableConfig> table_settings;  ///< Of some of them.
  std::vector<PatternConfig> patterns;
  std::vector<std::filesystem::path> plugin_directories;  ///< Searched before the bundled.
  std::string page_table;
  bool watch = false;  ///< A plugin whose file is built again is swapped in.
  bool cache = true;   ///< The rows of the tables are kept in the directory, for the next start.

  std::string database_url;              ///< Empty: a private PostgreSQL.
  std::filesystem::path setup_sql_file;  ///< Run on a private PostgreSQL at each start.
  std::string electric_url;              ///< Empty: the embedded sync service.
  std::string electric_secret;
  std::string backend_url;  ///< Empty: the bundled backend.
  std::string backend_address = "127.0.0.1";
  std::uint16_t backend_port = 0;
  std::string backend_token;
  std::vector<std::string> backend_allowed_origins;  ///< Pages that may ask it; "*": any.
  std::string sync_address = "127.0.0.1";
  std::uint16_t sync_port = 0;
  std::vector<std::string> sync_allowed_origins;
  std::string sync_slot;  ///< Empty: one named after the database.
  std::string api_address = "127.0.0.1";
  std::uint16_t api_port = 8787;
  std::string token;  ///< Of the local API; empty: made in the directory.
  std::string log_level = "info";
};

/// The directory of a host for which none is configured: ./.patchbay, or /var/lib/patchbay/default
/// for root.
[[nodiscard]] std::filesystem::path default_directory();

/// Fills in what is not configured (every bundled pattern on `todos`, an online write tried for 10
/// s) and checks what belongs together. ErrorCode::rejected says what does not fit.
Result<void> complete(Config& config);

/// Reads a TOML file over `config`. ErrorCode::rejected names file, line, setting and what was
/// expected; an unknown setting is an error.
Result<void> read_config_file(const std::filesystem::path& file, Config& config);

/// Reads PATCHBAY_… variables over `config`.
Result<void> read_environment(Config& config);

/// Puts these directories before those in which plugins are looked for so far.
void look_first_in(const std::vector<std::filesystem::path>& directories, Config& config);

/// A port from text: 0 to 65535.
[[nodiscard]] std::optional<std::uint16_t> parse_port(const std::string& text);

}  // namespace patchbay
