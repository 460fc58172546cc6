// The TOML file of the configuration: the only file that knows toml++.
//
//   file    = directory? tables? cache? plugin_path? log_level? section*
//   section = [database] url setup_sql | [electric] url secret | [backend] url address port token
//   allowed_origins
//           | [sync] address port slot allowed_origins | [api] address port token page_table
//           | [[table]] name columns_except [table.insert_defaults]
//           | [[pattern]] name module tables on_reject [pattern.settings]
#include <toml++/toml.h>

#include <functional>
#include <sstream>
#include <utility>

#include "config/config.hpp"
#include "text/json_text.hpp"

namespace patchbay {
namespace {

/// Reads one file; the first error stops it.
class Reader {
 public:
  explicit Reader(std::filesystem::path file) : file_(std::move(file)) {}

  using Setting = std::function<bool(const toml::node&)>;
  struct Known {
    std::string_view name;
    std::string_view expected;
    Setting take;
  };

  /// Gives each member of a table to the setting of its name.
  void read(const toml::table& table, const std::string& place, const std::vector<Known>& known) {
    for (const auto& [key, node] : table) {
      if (error_) return;
      const std::string name =
          place.empty() ? std::string(key.str()) : place + "." + std::string(key.str());
      const auto* found = find(known, key.str());
      if (found == nullptr) {
        fail(node, "there is no setting \"" + name + "\" here; known are " + names(known));
      } else if (!found->take(node) && !error_) {
        fail(node, "\"" + name + "\" must be " + std::string(found->expected));
      }
    }
  }

  void fail(const toml::node& node, const std::string& what) {
    if (!error_) {
      error_ = Error{
          ErrorCode::rejected,
          file_.string() + ":" + std::to_string(node.source().begin.line) + ": " + what + "."};
    }
  }

  [[nodiscard]] Result<void> result() const {
    if (error_) return tl::unexpected(*error_);
    return {};
  }

  /// A setting that is a table of further settings.
  Known section(std::string_view name, std::vector<Known> known) {
    return {name, "a table", [this, name, known = std::move(known)](const toml::node& node) {
              const toml::table* table = node.as_table();
              if (table != nullptr) read(*table, std::string(name), known);
              return table != nullptr;
            }};
  }

 private:
  static const Known* find(const std::vector<Known>& known, std::string_view name) {
    for (const Known& one : known) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }
  static std::string names(const std::vector<Known>& known) {
    std::string list;
    for (const Known& one : known) list += (list.empty() ? "" : ", ") + std::string(one.name);
    return list;
  }

  std::filesystem::path file_;
  std::optional<Error> error_;
};

template <typename Target>
Reader::Known text_setting(std::string_view name, Target& target) {
  return {name, "a text", [&target](const toml::node& node) {
            const auto value = node.value_exact<std::string>();
            if (value) target = *value;
            return value.has_value();
          }};
}

Reader::Known port(std::string_view name, std::uint16_t& target) {
  return {name, "a port from 0 to 65535", [&target](const toml::node& node) {
            const auto value = node.value_exact<std::int64_t>();
            if (!value || *value < 0 || *value > 65'535) return false;
            target = static_cast<std::uint16_t>(*value);
            return true;
          }};
}

template <typename Text>
Reader::Known texts(std::string_view name, std::vector<Text>& target) {
  return {name, "a list of texts", [&target](const toml::node& node) {
            const toml::array* list = node.as_array();
            if (list == nullptr) return false;
            target.clear();
            for (const toml::node& item : *list) {
              const auto value = item.value_exact<std::string>();
              if (!value) return false;
              target.emplace_back(*value);
            }
            return true;
          }};
}

Reader::Known boolean(std::string_view name, bool& target) {
  return {name, "true or false", [&target](const toml::node& node) {
            const auto value = node.value_exact<bool>();
            if (value) target = *value;
            return value.has_value();
          }};
}

/// One of two words; true for the second.
Reader::Known choice(std::string_view name, std::string_view otherwise, std::string_view chosen,
                     std::string_view expected, bool& target) {
  return {name, expected, [otherwise, chosen, &target](const toml::node& node) {
            const auto value = node.value_exact<std::string>();
            if (!value || (*value != otherwise && *value != chosen)) return false;
            target = *value == chosen;
            return true;
          }};
}

/// Settings belong to the plugin: any name, and any plain value as text.
bool read_settings(const toml::node& node, std::map<std::string, std::string>& settings) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return false;
  for (const auto& [key, value] : *table) {
    if (!value.is_value()) return false;
    std::ostringstream printed;
    if (const auto* plain = value.as_string()) {
      printed << plain->get();
    } else {
      printed << toml::node_view<const toml::node>(value);
    }
    settings[std::string(key.str())] = printed.str();
  }
  return true;
}

bool read_patterns(Reader& reader, const toml::node& node, std::vector<PatternConfig>& patterns) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return false;
  patterns.clear();
  for (const toml::node& item : *list) {
    const toml::table* table = item.as_table();
    if (table == nullptr) return false;
    PatternConfig pattern;
    reader.read(
        *table, "pattern",
        {text_setting("name", pattern.name),
         text_setting("module", pattern.module),
         texts("tables", pattern.tables),
         choice("on_reject", "write", "dependents", "\"write\" or \"dependents\"",
                pattern.reject_dependents),
         {"settings", "a table of texts, numbers and booleans",
          [&pattern](const toml::node& one) { return read_settings(one, pattern.settings); }}});
    if (pattern.name.empty()) reader.fail(item, "the pattern has no name; give it one");
    if (pattern.module.empty()) pattern.module = pattern.name;
    patterns.push_back(std::move(pattern));
  }
  return true;
}

/// Plain values as JSON text.
bool read_defaults(const toml::node& node, std::map<std::string, std::string>& defaults) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return false;
  for (const auto& [key, value] : *table) {
    std::string json;
    if (const auto* written = value.as_string()) {
      json = text::json_string(written->get());
    } else if (const auto yes = value.value_exact<bool>()) {
      json = *yes ? "true" : "false";
    } else if (const auto whole = value.value_exact<std::int64_t>()) {
      json = std::to_string(*whole);
    } else {
      return false;
    }
    defaults[std::string(key.str())] = std::move(json);
  }
  return true;
}

bool read_tables(Reader& reader, const toml::node& node, std::vector<TableConfig>& tables) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return false;
  tables.clear();
  for (const toml::node& item : *list) {
    const toml::table* section = item.as_table();
    if (section == nullptr) return false;
    TableConfig table;
    reader.read(
        *section, "table",
        {text_setting("name", table.name),
         texts("columns_except", table.columns_except),
         {"insert_defaults",
          "a table of texts, whole numbers and booleans (other numbers as texts)",
          [&table](const toml::node& one) { return read_defaults(one, table.insert_defaults); }}});
    if (table.name.empty()) reader.fail(item, "the [[table]] has no name; give it one");
    tables.push_back(std::move(table));
  }
  return true;
}

}  // namespace

Result<void> read_config_file(const std::filesystem::path& file, Config& config) {
  toml::table root;
  try {
    root = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return failure(ErrorCode::rejected,
                   file.string() + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
                       std::string(error.description()) +
                       (line > 0 ? "; correct the TOML." : "; give a file that can be read."));
  }
  Reader reader(file);
  reader.read(
      root, "",
      {text_setting("directory", config.directory),
       texts("tables", config.tables),
       boolean("cache", config.cache),
       boolean("watch", config.watch),
       texts("plugin_path", config.plugin_directories),
       text_setting("log_level", config.log_level),
       reader.section("database", {text_setting("url", config.database_url),
                                   text_setting("setup_sql", config.setup_sql_file)}),
       reader.section("electric", {text_setting("url", config.electric_url),
                                   text_setting("secret", config.electric_secret)}),
       reader.section("backend", {text_setting("url", config.backend_url),
                                  text_setting("address", config.backend_address),
                                  port("port", config.backend_port),
                                  text_setting("token", config.backend_token),
                                  texts("allowed_origins", config.backend_allowed_origins)}),
       reader.section("sync",
                      {text_setting("address", config.sync_address), port("port", config.sync_port),
                       text_setting("slot", config.sync_slot),
                       texts("allowed_origins", config.sync_allowed_origins)}),
       reader.section("api", {text_setting("address", config.api_address),
                              port("port", config.api_port), text_setting("token", config.token),
                              text_setting("page_table", config.page_table)}),
       {"table", "a list of [[table]] tables",
        [&](const toml::node& node) { return read_tables(reader, node, config.table_settings); }},
       {"pattern", "a list of [[pattern]] tables",
        [&](const toml::node& node) { return read_patterns(reader, node, config.patterns); }}});
  return reader.result();
}

}  // namespace patchbay
