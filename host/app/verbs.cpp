#include "app/verbs.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>

#include "app/app.hpp"
#include "app/check_config.hpp"
#include "app/check_verb.hpp"
#include "app/config_secrets.hpp"
#include "app/data_directory.hpp"
#include "app/database_verb.hpp"
#include "app/host_call.hpp"
#include "app/module_verb.hpp"
#include "app/part_options.hpp"
#include "app/part_urls.hpp"
#include "app/rejected_verb.hpp"
#include "app/stop_signal.hpp"
#include "cli/plugin_list.hpp"
#include "cli/status_report.hpp"
#include "config/installation.hpp"
#include "database/database_url.hpp"
#include "log/log.hpp"
#include "log/secrets.hpp"
#include "net/descriptor_limit.hpp"
#include "patterns/plugin_files.hpp"
#include "runtime/crash_line.hpp"

namespace patchbay::app {
namespace {

/// Time between two looks at what has to be kept alive.
constexpr std::chrono::seconds kEachSecond{1};

int failed(const Error& error) {
  std::cerr << "patchbay: " << log::hidden(error.message) << std::endl;
  return error.code == ErrorCode::rejected ? 2 : 1;
}

void print_start(App& app, bool running) {
  std::cout << (running
                    ? "Patchbay is running.\n"
                    : "Patchbay has started, but no table can be served yet; it keeps trying:\n");
  if (!running) {
    for (const std::string& trouble : app.table_troubles()) std::cout << "  - " << trouble << "\n";
  }
  const bool terminal = isatty(STDOUT_FILENO) == 1;  // a file or a pipe keeps what is printed
  for (const Place& place : app.places()) {
    const bool secret = terminal && !place.with_secret.empty();
    std::cout << "  " << place.name << ": " << (secret ? place.with_secret : place.shown) << "\n";
  }
  std::cout << "Press Ctrl-C to stop." << std::endl;
}

int run(const Config& config) {
  leave_a_line_at_crashes();
  auto made = std::make_unique<App>(config);
  App& app = *made;
  StopSignal stop(app.give_up());
  if (auto started = app.start([&stop] { return stop.has_come(); }); !started) {
    made.reset();  // while `stop` watches
    return failed(started.error());
  }
  bool running = app.serves();
  print_start(app, running);
  while (!stop.wait_for(kEachSecond)) {
    app.keep_alive();
    if (running || !app.serves()) continue;
    running = true;
    std::cout << "Patchbay is running." << std::endl;
  }
  std::cout << "Stopping." << std::endl;
  made.reset();  // while `stop` watches: a disk that hangs holds the threads that are joined last
  return 0;
}

int serve_backend(Config config) {
  if (config.database_url.empty()) {
    return failed({ErrorCode::rejected, "The backend needs a database; give --database-url."});
  }
  if (auto checked = check_urls(config); !checked) return failed(checked.error());
  if (auto named = canonicalise_tables(config); !named) return failed(named.error());
  StopSignal stop([] { return std::string("the backend"); });
  auto started = backend::start_backend(backend_options(config));
  if (!started) return failed(started.error());
  std::cout << "  backend: " << url_of(config.backend_address, (*started)->port()) << std::endl;
  while (!stop.wait_for(kEachSecond)) {
  }
  return 0;
}

int serve_sync(const Config& config) {
  if (config.database_url.empty()) {
    return failed({ErrorCode::rejected, "The sync service needs a database; give --database-url."});
  }
  embedded::SyncOptions options = sync_options(config);
  const auto directory = config.directory / "sync";
  if (auto made = make_data_directory(directory, false); !made) return failed(made.error());
  close_to_others(directory, false);
  options.shapes_file = directory / "shapes.json";
  StopSignal stop([] { return std::string("the sync service"); });
  auto started = embedded::start_sync_service(options);
  if (!started) return failed(started.error());
  std::cout << "  sync service: " << url_of(config.sync_address, (*started)->port()) << std::endl;
  while (!stop.wait_for(kEachSecond)) {
  }
  return 0;
}

int list_plugins(const cli::Command& command) {
  const PluginLoader loader = patterns::make_plugin_loader(command.config);
  std::cout << (command.json ? cli::plugins_as_json(loader) : cli::plugins_as_text(loader));
  return 0;
}

int write_plugin(const cli::NewPlugin& wanted) {
  const auto templates = shared_directory("new-plugin", PATCHBAY_NEW_PLUGIN_DIRECTORY);
  const auto written = cli::write_new_plugin(wanted, templates);
  if (!written) return failed(written.error());
  std::cout << cli::next_steps(wanted, *written, prefix());
  return 0;
}

/// Prints the answer of a verb, or why there is none.
int print(const Result<std::string>& answer) {
  if (!answer) return failed(answer.error());
  std::cout << *answer << std::flush;
  return 0;
}

/// 0: ready, 1: degraded, 2: no host answers.
int tell_status(const cli::Command& command) {
  const auto host = HostCall::to(command);
  const auto status =
      host ? host->read("/api/status") : Result<std::string>(tl::unexpected(host.error()));
  if (!status) {
    failed(status.error());
    return 2;
  }
  std::cout << (command.json ? *status + "\n" : cli::status_as_text(*status)) << std::flush;
  return cli::says_ready(*status) ? 0 : 1;
}

int carry_out(const cli::Command& command) {
  switch (command.verb) {
    case cli::Verb::run:
      return run(command.config);
    case cli::Verb::backend:
      return serve_backend(command.config);
    case cli::Verb::sync:
      return serve_sync(command.config);
    case cli::Verb::plugins:
      return list_plugins(command);
    case cli::Verb::new_plugin:
      return write_plugin(command.new_plugin);
    case cli::Verb::status:
      return tell_status(command);
    case cli::Verb::database:
      return print(run_database_verb(command));
    case cli::Verb::rejected:
      return print(run_rejected_verb(command));
    case cli::Verb::swap:
    case cli::Verb::add:
    case cli::Verb::remove:
      return print(change_modules(command));
    case cli::Verb::check:
      return check_module(command);
  }
  return 1;
}

}  // namespace

int after_printing(int exit_code) {
  if (std::cout.flush()) return exit_code;
  std::cerr << "patchbay: The output could not be written; give it a place with room." << std::endl;
  return exit_code == 0 ? 1 : exit_code;
}

int execute(const cli::Command& command) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread is made
  std::signal(SIGPIPE, SIG_IGN);
  if (command.config.database_url.empty()) {
    forget_libpq_environment();  // a private PostgreSQL is named by its URL alone
  } else {
    forget_session_environment();
  }
  const auto level = log::parse_level(command.config.log_level);
  if (!level) {
    return failed({ErrorCode::rejected, "The log level is \"" + command.config.log_level +
                                            "\"; use debug, info, warning or error."});
  }
  log::configure(*level);
  hide_secrets(command.config);
  if (command.verb <= cli::Verb::sync) {
    keep_files_private();
    net::raise_descriptor_limit();
  }
  const int exit_code = carry_out(command);
  // A verb that runs until it is stopped does not depend on a reader of its output.
  return command.verb <= cli::Verb::sync ? exit_code : after_printing(exit_code);
}

}  // namespace patchbay::app
