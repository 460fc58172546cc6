#include "config/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>
#include <sstream>
#include <utility>

#include "text/json_text.hpp"

namespace patchbay {

std::filesystem::path default_directory() {
  return geteuid() == 0 ? "/var/lib/patchbay/default" : ".patchbay";
}

namespace {

/// SQLite does not open a file whose path is longer than 512 bytes. A store is
/// <directory>/patterns/<name>/<name>.db, with some more names beside it.
constexpr std::size_t kDirectoryBytesMax = 350;
constexpr std::size_t kNameBytesMax = 63;

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<void> check_patterns(const Config& config) {
  std::set<std::string> names;
  for (const PatternConfig& pattern : config.patterns) {
    if (!is_name(pattern.name)) {
      return failure(ErrorCode::rejected,
                     "The pattern name \"" + pattern.name +
                         "\" is not allowed; use a-z, 0-9, - and _, up to 63 of them.");
    }
    if (!names.insert(pattern.name).second) {
      return failure(ErrorCode::rejected, "Two patterns are named \"" + pattern.name +
                                              "\"; give each a name of its own.");
    }
    for (const std::string& table : pattern.tables) {
      if (std::ranges::find(config.tables, table) != config.tables.end()) continue;
      return failure(ErrorCode::rejected, "The pattern \"" + pattern.name +
                                              "\" wants the table \"" + table +
                                              "\", which is not among the host's tables; "
                                              "add it to `tables` (--table).");
    }
  }
  return {};
}

/// "a, b" -> a and b.
std::vector<std::string> split_at_commas(const std::string& text) {
  std::istringstream list(text);
  std::vector<std::string> parts;
  for (std::string part; std::getline(list, part, ',');) {
    std::erase(part, ' ');
    if (!part.empty()) parts.push_back(std::move(part));
  }
  return parts;
}

/// PostgreSQL's files and ours name paths in lines, and messages and JSON do.
Result<void> check_is_text(const std::filesystem::path& path, const std::string& flag) {
  std::string text = path.string();
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == '\x7f';
  };
  if (text::is_utf8(text) && std::ranges::none_of(text, is_control)) return {};
  std::ranges::replace_if(text, is_control, '?');
  return failure(ErrorCode::rejected, "The directory \"" + text +
                                          "\" cannot be used, for its path has control characters "
                                          "or is not UTF-8; choose another one with " +
                                          flag + ".");
}

Result<void> check_directories(const Config& config) {
  std::error_code failed;
  auto whole = std::filesystem::weakly_canonical(config.directory, failed);
  if (failed) whole = std::filesystem::absolute(config.directory, failed);
  for (const auto& path : {config.directory, whole}) {
    if (auto checked = check_is_text(path, "--directory"); !checked) return checked;
  }
  for (const auto& path : config.plugin_directories) {
    if (auto checked = check_is_text(path, "--plugin-path"); !checked) return checked;
  }
  if (whole.string().size() <= kDirectoryBytesMax) return {};
  return failure(ErrorCode::rejected, "The directory " + whole.string() +
                                          " cannot be used, for its "
                                          "path is longer than " +
                                          std::to_string(kDirectoryBytesMax) +
                                          " bytes; choose another one with --directory.");
}

Result<void> check_table_settings(const Config& config) {
  std::set<std::string> names;
  for (const TableConfig& table : config.table_settings) {
    const std::string what = "The settings of the table \"" + table.name + "\" ";
    if (std::ranges::find(config.tables, table.name) == config.tables.end()) {
      return failure(ErrorCode::rejected, what +
                                              "([[table]]) are for none of the host's tables; add "
                                              "it to `tables` (--table), or correct the name.");
    }
    if (!names.insert(table.name).second) {
      return failure(ErrorCode::rejected,
                     what + "are given twice; write one [[table]] for each table.");
    }
    if (table.insert_defaults.contains("write_id")) {
      return failure(ErrorCode::rejected,
                     what +
                         "set a default for \"write_id\", which the backend sets itself on every "
                         "insert; take it out of insert_defaults.");
    }
    for (const std::string& column : table.columns_except) {
      if (!table.insert_defaults.contains(column)) continue;
      return failure(ErrorCode::rejected, what + "leave out the column \"" + column +
                                              "\" and set a default for it; choose one.");
    }
  }
  return {};
}

}  // namespace

Result<void> complete(Config& config) {
  if (config.directory.empty()) config.directory = default_directory();
  if (auto checked = check_directories(config); !checked) return checked;
  if (config.patterns.empty()) {
    config.patterns = {{"online", "online", {}, {{"retry_deadline_ms", "10000"}}},
                       {"optimistic", "optimistic", {}, {}},
                       {"immutable", "immutable", {}, {}},
                       {"through-db", "through-db", {}, {}}};
  }
  if (config.tables.empty()) {
    std::set<std::string> named;
    for (const PatternConfig& pattern : config.patterns) {
      named.insert(pattern.tables.begin(), pattern.tables.end());
    }
    config.tables.assign(named.begin(), named.end());
    if (config.tables.empty()) config.tables = {"todos"};
  }
  if (config.page_table.empty()) config.page_table = config.tables.front();
  if (std::ranges::find(config.tables, config.page_table) == config.tables.end()) {
    return failure(ErrorCode::rejected, "The page is to show the table \"" + config.page_table +
                                            "\", which is not among the host's tables; correct "
                                            "api.page_table.");
  }
  for (PatternConfig& pattern : config.patterns) {
    if (pattern.tables.empty()) pattern.tables = config.tables;
  }
  return check_table_settings(config).and_then([&] { return check_patterns(config); });
}

std::optional<std::uint16_t> parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

void look_first_in(const std::vector<std::filesystem::path>& directories, Config& config) {
  config.plugin_directories.insert(config.plugin_directories.begin(), directories.begin(),
                                   directories.end());
}

Result<void> read_environment(Config& config) {
  const std::pair<const char*, std::string*> texts[] = {
      {"PATCHBAY_DATABASE_URL", &config.database_url},
      {"PATCHBAY_ELECTRIC_URL", &config.electric_url},
      {"PATCHBAY_ELECTRIC_SECRET", &config.electric_secret},
      {"PATCHBAY_BACKEND_URL", &config.backend_url},
      {"PATCHBAY_BACKEND_ADDRESS", &config.backend_address},
      {"PATCHBAY_BACKEND_TOKEN", &config.backend_token},
      {"PATCHBAY_SYNC_ADDRESS", &config.sync_address},
      {"PATCHBAY_SYNC_SLOT", &config.sync_slot},
      {"PATCHBAY_API_ADDRESS", &config.api_address},
      {"PATCHBAY_TOKEN", &config.token},
      {"PATCHBAY_LOG_LEVEL", &config.log_level},
  };
  for (const auto& [name, target] : texts) {
    if (const char* value = std::getenv(name)) *target = value;
  }
  const std::pair<const char*, std::uint16_t*> ports[] = {
      {"PATCHBAY_API_PORT", &config.api_port},
      {"PATCHBAY_BACKEND_PORT", &config.backend_port},
      {"PATCHBAY_SYNC_PORT", &config.sync_port},
  };
  for (const auto& [name, target] : ports) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    const auto port = parse_port(value);
    if (!port) {
      return failure(ErrorCode::rejected, std::string("The environment variable ") + name +
                                              " is \"" + value +
                                              "\"; give a port from 0 to 65535.");
    }
    *target = *port;
  }
  const std::pair<const char*, std::vector<std::string>*> lists[] = {
      {"PATCHBAY_BACKEND_ALLOWED_ORIGINS", &config.backend_allowed_origins},
      {"PATCHBAY_SYNC_ALLOWED_ORIGINS", &config.sync_allowed_origins},
  };
  for (const auto& [name, target] : lists) {
    if (const char* value = std::getenv(name)) *target = split_at_commas(value);
  }
  if (const char* directory = std::getenv("PATCHBAY_DIRECTORY")) config.directory = directory;
  if (const char* paths = std::getenv("PATCHBAY_PLUGIN_PATH")) {
    std::istringstream list(paths);
    std::vector<std::filesystem::path> directories;
    for (std::string path; std::getline(list, path, ':');) {
      if (!path.empty()) directories.emplace_back(path);
    }
    look_first_in(directories, config);
  }
  return {};
}

}  // namespace patchbay
