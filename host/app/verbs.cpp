#include "app/verbs.hpp"

#include <unistd.h>

#include <csignal>
#include <ctime>
#include <iostream>

#include "app/app.hpp"
#include "app/check_verb.hpp"
#include "app/data_directory.hpp"
#include "app/host_call.hpp"
#include "app/module_verb.hpp"
#include "app/rejected_verb.hpp"
#include "app/wiring.hpp"
#include "cli/plugin_list.hpp"
#include "database/database_url.hpp"
#include "log/log.hpp"
#include "log/secrets.hpp"

namespace patchbay::app {
namespace {

int failed(const Error& error) {
  std::cerr << "patchbay: " << log::hidden(error.message) << std::endl;
  return error.code == ErrorCode::rejected ? 2 : 1;
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

/// Blocks until one of the stop signals; calls `each_second` meanwhile.
template <typename Work>
void wait_for_stop(const Work& each_second) {
  const sigset_t signals = stop_signals();
  const timespec second{1, 0};
  while (sigtimedwait(&signals, nullptr, &second) < 0) each_second();
}

int run(const Config& config) {
  App app(config);
  if (auto started = app.start(); !started) return failed(started.error());
  std::cout << "Patchbay is running.\n";
  const bool terminal = isatty(STDOUT_FILENO) == 1;  // a file or a pipe keeps what it is told
  for (const App::Place& place : app.places()) {
    const bool secret = terminal && !place.with_secret.empty();
    std::cout << "  " << place.name << ": " << (secret ? place.with_secret : place.shown) << "\n";
  }
  std::cout << "Press Ctrl-C to stop." << std::endl;
  wait_for_stop([&app] { app.keep_alive(); });
  std::cout << "Stopping." << std::endl;
  return 0;
}

int serve_backend(Config config) {
  if (config.database_url.empty()) {
    return failed({ErrorCode::rejected, "The backend needs a database; give --database-url."});
  }
  if (auto checked = check_places(config); !checked) return failed(checked.error());
  if (auto named = canonicalise_tables(config); !named) return failed(named.error());
  auto started = backend::start_backend(backend_options(config));
  if (!started) return failed(started.error());
  std::cout << "  backend: " << url_of(config.backend_address, (*started)->port()) << std::endl;
  wait_for_stop([] {});
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
  auto started = embedded::start_sync_service(options);
  if (!started) return failed(started.error());
  std::cout << "  sync service: " << url_of(config.sync_address, (*started)->port()) << std::endl;
  wait_for_stop([] {});
  return 0;
}

int list_plugins(const cli::Command& command) {
  const PluginLoader loader = make_plugin_loader(command.config);
  std::cout << (command.json ? cli::plugins_as_json(loader) : cli::plugins_as_text(loader));
  return 0;
}

int begin_plugin(const cli::NewPlugin& wanted) {
  const auto templates = shared_directory("new-plugin", PATCHBAY_NEW_PLUGIN_DIRECTORY);
  const auto written = cli::write_new_plugin(wanted, templates);
  if (!written) return failed(written.error());
  std::cout << cli::next_steps(wanted, *written, prefix());
  return 0;
}

/// What a running host answered, for standard output.
int print(const Result<std::string>& answer) {
  if (!answer) return failed(answer.error());
  std::cout << *answer << std::flush;
  return 0;
}

Result<std::string> status_of_host(const cli::Command& command) {
  const auto host = HostCall::to(command);
  if (!host) return tl::unexpected(host.error());
  const auto status = host->ask("GET", "/api/status");
  return status ? *status + "\n" : status;
}

}  // namespace

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
  if (command.verb <= cli::Verb::sync) keep_files_private();
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
      return begin_plugin(command.new_plugin);
    case cli::Verb::status:
      return print(status_of_host(command));
    case cli::Verb::rejected:
      return print(attend_rejected(command));
    case cli::Verb::swap:
    case cli::Verb::add:
    case cli::Verb::remove:
      return print(change_modules(command));
    case cli::Verb::check:
      return check_module(command);
  }
  return 1;
}

}  // namespace patchbay::app
