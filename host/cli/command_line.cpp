#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

namespace patchbay::cli {
namespace {

constexpr const char* kNoCommand =
    "a command is missing; give run, backend, sync, plugins, new-plugin, status, rejected, "
    "database, check, swap, add or remove.";

/// The effect of one flag on the configuration; run after file and environment were read.
using Apply = std::function<Result<void>(Config&)>;

/// Flags shared by several verbs, collected while CLI11 parses.
class Flags {
 public:
  void text(CLI::App& app, const std::string& name, const std::string& help,
            std::string Config::*target) {
    add(app, name, help, [target](Config& config, const std::string& value) -> Result<void> {
      config.*target = value;
      return {};
    });
  }
  void port(CLI::App& app, const std::string& help, std::uint16_t Config::*target) {
    add(app, "--port", help, [target](Config& config, const std::string& value) -> Result<void> {
      const auto port = parse_port(value);
      if (!port) {
        return failure(ErrorCode::rejected,
                       "--port is \"" + value + "\"; give a port from 0 to 65535.");
      }
      config.*target = *port;
      return {};
    });
  }
  void flag(CLI::App& app, const std::string& name, const std::string& help, bool Config::*target) {
    CLI::Option* option = app.add_flag(name)->description(help);
    applies_.push_back([option, target](Config& config) {
      if (option->count() > 0) config.*target = true;
      return Result<void>{};
    });
  }
  void directory(CLI::App& app) {
    add(app, "--directory", "where this host keeps its data",
        [](Config& config, const auto& value) {
          config.directory = value;
          return Result<void>{};
        });
  }
  /// A flag that may be repeated; the first use replaces what file and environment said.
  void list(CLI::App& app, const std::string& name, const std::string& help,
            std::function<void(Config&, const std::vector<std::string>&)> apply) {
    auto values = std::make_shared<std::vector<std::string>>();
    app.add_option(name, *values, help)->allow_extra_args(false);
    applies_.push_back([values, apply = std::move(apply)](Config& config) {
      if (!values->empty()) apply(config, *values);
      return Result<void>{};
    });
  }
  [[nodiscard]] Result<void> apply(Config& config) const {
    for (const Apply& one : applies_) {
      if (auto result = one(config); !result) return result;
    }
    return {};
  }

 private:
  void add(CLI::App& app, const std::string& name, const std::string& help,
           std::function<Result<void>(Config&, const std::string&)> apply) {
    auto value = std::make_shared<std::string>();
    CLI::Option* option = app.add_option(name, *value, help);
    applies_.push_back([value, option, apply = std::move(apply)](Config& config) {
      return option->count() > 0 ? apply(config, *value) : Result<void>{};
    });
  }

  std::vector<Apply> applies_;
};

void add_common(CLI::App& app, Flags& flags) {
  flags.text(app, "--log-level", "debug, info, warning or error", &Config::log_level);
}

void add_tables(CLI::App& app, Flags& flags) {
  flags.list(app, "--table", "a table to follow and expose (may be repeated)",
             [](Config& config, const auto& values) { config.tables = values; });
}

void add_slot(CLI::App& app, Flags& flags) {
  flags.text(
      app, "--slot",
      "name of the sync service's replication slot and publication (default: named after the "
      "database)",
      &Config::sync_slot);
}

void add_plugin_path(CLI::App& app, Flags& flags) {
  flags.list(app, "--plugin-path",
             "a directory with plugins, searched before those of PATCHBAY_PLUGIN_PATH, the file "
             "and the bundled ones (may be repeated)",
             [](Config& config, const auto& values) {
               look_first_in({values.begin(), values.end()}, config);
             });
}

void add_database_and_electric(CLI::App& app, Flags& flags, const std::string& database,
                               const std::string& electric) {
  flags.text(app, "--database-url", database, &Config::database_url);
  flags.text(app, "--electric-url", electric, &Config::electric_url);
  flags.text(app, "--electric-secret", "the secret of that Electric", &Config::electric_secret);
}

void add_allowed_origins(CLI::App& app, Flags& flags, const std::string& what,
                         std::vector<std::string> Config::*target) {
  flags.list(app, "--allowed-origin",
             "an origin whose pages may ask " + what + " from a browser, or * (may be repeated)",
             [target](Config& config, const auto& values) { config.*target = values; });
}

void add_listener(CLI::App& app, Flags& flags, const std::string& what,
                  std::string Config::*address, std::uint16_t Config::*port) {
  flags.text(app, "--address", "where " + what + " listens", address);
  flags.port(app, "port of " + what + "; 0 for any free one", port);
}

void read_patterns(Config& config, const std::vector<std::string>& values) {
  config.patterns.clear();
  for (const std::string& value : values) {
    const auto equals = value.find('=');
    const std::string name = value.substr(0, equals);
    config.patterns.push_back(
        {name, equals == std::string::npos ? name : value.substr(equals + 1), {}, {}});
  }
}

void add_run(CLI::App& app, Flags& flags) {
  add_common(app, flags);
  add_tables(app, flags);
  add_plugin_path(app, flags);
  flags.directory(app);
  flags.list(app, "--pattern", "NAME or NAME=MODULE: a pattern to run (may be repeated)",
             read_patterns);
  add_database_and_electric(app, flags, "use this PostgreSQL, not a private one",
                            "follow this Electric, not the embedded sync service");
  flags.text(app, "--backend-url", "send writes to this backend, not a bundled one",
             &Config::backend_url);
  add_slot(app, flags);
  flags.text(app, "--backend-token", "the token of the backend", &Config::backend_token);
  add_allowed_origins(app, flags, "the backend", &Config::backend_allowed_origins);
  flags.text(app, "--token", "what the local API demands beyond loopback", &Config::token);
  flags.flag(app, "--watch", "swap in a plugin whose file is built again", &Config::watch);
  add_listener(app, flags, "the page and local API", &Config::api_address, &Config::api_port);
}

void add_backend(CLI::App& app, Flags& flags) {
  add_common(app, flags);
  add_tables(app, flags);
  add_database_and_electric(app, flags, "the PostgreSQL to write to",
                            "the Electric that GET /<table> is proxied to");
  flags.text(app, "--token", "what requests must carry", &Config::backend_token);
  add_allowed_origins(app, flags, "the backend", &Config::backend_allowed_origins);
  add_listener(app, flags, "the backend", &Config::backend_address, &Config::backend_port);
}

void add_sync(CLI::App& app, Flags& flags) {
  add_common(app, flags);
  flags.directory(app);
  flags.text(app, "--database-url", "the PostgreSQL to follow", &Config::database_url);
  flags.list(app, "--table",
             "a table to serve, schema.* for all of a schema, or '*' for all (may be repeated)",
             [](Config& config, const auto& values) { config.tables = values; });
  add_slot(app, flags);
  flags.text(app, "--secret", "what requests must carry as ?secret=", &Config::electric_secret);
  add_allowed_origins(app, flags, "the sync service", &Config::sync_allowed_origins);
  add_listener(app, flags, "the sync service", &Config::sync_address, &Config::sync_port);
}

void add_plugins(CLI::App& app, Flags& flags) {
  add_common(app, flags);
  add_plugin_path(app, flags);
  app.add_flag("--json")->description("print JSON, for scripts");
}

void add_new_plugin(CLI::App& app, Flags&) {
  app.add_option("name", "its name: a-z, 0-9 and hyphens")->required();
  app.add_option("--directory", "the directory to write it to (default: a new one of that name)");
}

/// The flags that name a running host.
void add_host(CLI::App& app, Flags& flags) {
  flags.directory(app);
  flags.text(app, "--address", "address of the local API", &Config::api_address);
  flags.text(app, "--token", "token of the local API", &Config::token);
  flags.port(app, "port of the local API", &Config::api_port);
}

void add_status(CLI::App& app, Flags& flags) {
  add_host(app, flags);
  app.add_flag("--json")->description("print JSON, for scripts");
}

void add_rejected(CLI::App& app, Flags& flags) {
  add_host(app, flags);
  app.add_option("pattern", "the pattern whose refused writes to list (default: all)");
  app.add_flag("--json")->description("print JSON, for scripts");
  for (const char* action : {"retry", "discard"}) {
    CLI::App* verb = app.add_subcommand(
        action, *action == 'r' ? "send one again, as a new write" : "give one up");
    verb->add_option("pattern", "the pattern that holds it")->required();
    verb->add_option("write_id", "its id, as the list gives it")->required();
    verb->fallthrough();  // the flags stand behind the ids too
  }
  app.require_subcommand(0, 1);
}

void add_database(CLI::App& app, Flags& flags) {
  add_common(app, flags);
  add_tables(app, flags);
  flags.text(app, "--database-url", "the PostgreSQL to prepare, inspect or clean",
             &Config::database_url);
  add_slot(app, flags);
  CLI::App* prepare = app.add_subcommand(
      "prepare", "make what a host needs: schema, publication and slot, and publish the tables");
  CLI::App* inspect = app.add_subcommand("inspect", "show what is there");
  inspect->add_flag("--json")->description("print JSON, for scripts");
  CLI::App* remove = app.add_subcommand("remove", "drop slot, publication and schema");
  remove->add_flag("--force")->description("even if a host uses them, or outcomes are recorded");
  for (CLI::App* verb : {prepare, inspect, remove}) verb->fallthrough();
  app.require_subcommand(0, 1);
}

void add_swap(CLI::App& app, Flags& flags) {
  add_host(app, flags);
  app.add_option("pattern", "the pattern that gets another module")->required();
  CLI::Option* module = app.add_option("module", "the plugin's id, or its file");
  CLI::Option* back = app.add_flag("--back")->description("swap to the previous module");
  module->excludes(back);
  app.add_flag("--force")->description("even if the new module keeps its writes only in memory");
  app.add_flag("--json")->description("print JSON, for scripts");
}

void add_add(CLI::App& app, Flags& flags) {
  add_host(app, flags);
  app.add_option("pattern", "the name of the new pattern")->required();
  app.add_option("module", "the plugin's id, or its file (default: the name)");
  app.add_option("--table", "a table of the host (may be repeated; default: all)")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_flag("--json")->description("print JSON, for scripts");
}

void add_remove(CLI::App& app, Flags& flags) {
  add_host(app, flags);
  app.add_option("pattern", "the pattern to end")->required();
  app.add_flag("--force")->description("even if it has writes that are not final");
  app.add_flag("--json")->description("print JSON, for scripts");
}

void add_check(CLI::App& app, Flags& flags) {
  add_common(app, flags);
  add_plugin_path(app, flags);
  app.add_option("module", "the plugin's id, or its file");
  app.add_flag("--list")->description("list the checks");
  app.add_option("--only", "ids of the checks to run, separated by commas")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)
      ->delimiter(',');
  app.add_option("--setting", "NAME=VALUE: a setting of the pattern (may be repeated)")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  app.add_option("--time-limit", "seconds that one check may take (120)")
      ->check(CLI::Range(1, 86'400));
  app.add_flag("--json")->description("print JSON, for scripts; progress goes to standard error");
  for (const char* of_the_child : {"--run-one", "--trial-directory"}) {
    app.add_option(of_the_child)->group("");
  }
}

Ended wrong(const std::string& message) {
  return {2, "patchbay: " + message};
}

RejectedCommand read_rejected(const CLI::App& verb) {
  RejectedCommand asked;
  const auto chosen = verb.get_subcommands();
  const CLI::App& from = chosen.empty() ? verb : *chosen.front();
  if (from.count("pattern") > 0) asked.pattern = from["pattern"]->as<std::string>();
  if (chosen.empty()) return asked;
  asked.write_id = from["write_id"]->as<std::string>();
  asked.action = from.get_name() == "retry" ? RejectedCommand::Action::retry
                                            : RejectedCommand::Action::discard;
  return asked;
}

void read_database(const CLI::App& verb, Command& command) {
  using Action = DatabaseCommand::Action;
  const auto chosen = verb.get_subcommands();
  if (chosen.empty()) return;
  const std::string name = chosen.front()->get_name();
  const auto has = [&](const char* flag) {
    const CLI::Option* option = chosen.front()->get_option_no_throw(flag);
    return option != nullptr && option->count() > 0;
  };
  command.database.action = name == "prepare"  ? Action::prepare
                            : name == "remove" ? Action::remove
                                               : Action::inspect;
  command.database.force = has("--force");
  command.json = has("--json");
}

CheckCommand read_check(const CLI::App& verb) {
  CheckCommand asked;
  const auto read = [&verb](const char* name, auto& into) {
    if (verb.count(name) > 0) verb[name]->results(into);
  };
  read("module", asked.module);
  read("--only", asked.only);
  read("--setting", asked.settings);
  read("--run-one", asked.run_one);
  asked.list = verb.count("--list") > 0;
  if (verb.count("--time-limit") > 0) {
    asked.time_limit = std::chrono::seconds(verb["--time-limit"]->as<int>());
  }
  if (verb.count("--trial-directory") > 0) {
    asked.trial_directory = verb["--trial-directory"]->as<std::string>();
  }
  return asked;
}

/// Reads the arguments that are not part of the configuration.
void read_apart(const CLI::App& verb, Command& command) {
  const auto given = [&verb](const char* name) {
    const CLI::Option* option = verb.get_option_no_throw(name);
    return option != nullptr && option->count() > 0 ? option : nullptr;
  };
  command.names_host = given("--address") != nullptr || given("--port") != nullptr;
  command.json = given("--json") != nullptr;
  if (command.verb == Verb::check) command.check = read_check(verb);
  if (command.verb == Verb::database) read_database(verb, command);
  if (command.verb == Verb::rejected) command.rejected = read_rejected(verb);
  if (command.verb >= Verb::swap) {
    command.module.pattern = given("pattern")->as<std::string>();
    command.module.back = given("--back") != nullptr;
    command.module.force = given("--force") != nullptr;
    if (const CLI::Option* module = given("module")) {
      command.module.module = module->as<std::string>();
    }
    if (const CLI::Option* tables = given("--table")) {
      command.module.tables = tables->as<std::vector<std::string>>();
    }
  }
  if (command.verb != Verb::new_plugin) return;
  command.new_plugin.name = given("name")->as<std::string>();
  if (const CLI::Option* directory = given("--directory")) {
    command.new_plugin.directory = directory->as<std::string>();
  }
}

Result<Config> read_config(const std::string& file, const Flags& flags) {
  Config config;
  const char* from_environment = std::getenv("PATCHBAY_CONFIG");
  const std::string path = !file.empty() || from_environment == nullptr ? file : from_environment;
  if (!path.empty()) {
    if (auto result = read_config_file(path, config); !result) {
      return tl::unexpected(result.error());
    }
  }
  if (auto result = read_environment(config); !result) return tl::unexpected(result.error());
  if (auto result = flags.apply(config); !result) return tl::unexpected(result.error());
  if (auto result = complete(config); !result) return tl::unexpected(result.error());
  return config;
}

/// A verb as it is typed, with the flags it takes.
struct Entry {
  Verb verb;
  const char* name;
  const char* help;
  void (*add)(CLI::App&, Flags&);
};

const Entry kEntries[] = {
    {Verb::run, "run", "run the host: patterns, page, local API and what they need", add_run},
    {Verb::backend, "backend", "run the REST backend alone", add_backend},
    {Verb::sync, "sync", "run the sync service alone", add_sync},
    {Verb::plugins, "plugins", "list the plugins that can be found", add_plugins},
    {Verb::new_plugin, "new-plugin", "write the project of a new plugin", add_new_plugin},
    {Verb::status, "status", "show whether a running host is ready, and what is wrong", add_status},
    {Verb::rejected, "rejected", "list, retry or discard the writes that were refused",
     add_rejected},
    {Verb::database, "database", "prepare a database, inspect it, or remove what is kept there",
     add_database},
    {Verb::swap, "swap", "give a running pattern another module", add_swap},
    {Verb::add, "add", "run one more pattern", add_add},
    {Verb::remove, "remove", "end a running pattern", add_remove},
    {Verb::check, "check", "prove that a plugin keeps the pattern laws", add_check},
};

}  // namespace

std::variant<Command, Ended> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Patchbay: write patterns for local-first apps on Electric and PostgreSQL",
               "patchbay");
  app.set_version_flag("--version", std::string("patchbay ") + PATCHBAY_VERSION);
  app.require_subcommand(0, 1);  // none is told below: the library's words name no verb
  std::string file;
  Command command;
  std::vector<Flags> flags(std::size(kEntries));
  std::vector<CLI::App*> verbs;
  for (std::size_t index = 0; index < std::size(kEntries); ++index) {
    CLI::App* verb = app.add_subcommand(kEntries[index].name, kEntries[index].help);
    if (kEntries[index].verb != Verb::new_plugin) {
      verb->add_option("--config", file, "a TOML file (also PATCHBAY_CONFIG)");
    }
    kEntries[index].add(*verb, flags[index]);
    verbs.push_back(verb);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    for (const CLI::App* verb : verbs) {
      if (verb->parsed()) return Ended{0, verb->help("patchbay")};
    }
    return Ended{0, app.help()};
  } catch (const CLI::CallForVersion&) {
    return Ended{0, std::string("patchbay ") + PATCHBAY_VERSION};
  } catch (const CLI::ParseError& error) {
    return wrong(std::string(error.what()) + "; see patchbay --help.");
  }
  for (std::size_t index = 0; index < verbs.size(); ++index) {
    if (!verbs[index]->parsed()) continue;
    command.verb = kEntries[index].verb;
    read_apart(*verbs[index], command);
    if (command.verb == Verb::new_plugin) return command;  // needs no configuration
    auto config = read_config(file, flags[index]);
    if (!config) return wrong(config.error().message);
    command.config = *std::move(config);
    return command;
  }
  return wrong(kNoCommand);
}

}  // namespace patchbay::cli
