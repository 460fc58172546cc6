#include "app/verbs.hpp"

#include <csignal>
#include <ctime>
#include <iostream>

#include "app/api_address.hpp"
#include "app/app.hpp"
#include "app/get.hpp"
#include "app/wiring.hpp"
#include "cli/plugin_list.hpp"
#include "log/log.hpp"

namespace patchbay::app {
namespace {

int failed(const Error& error) {
  std::cerr << "patchbay: " << error.message << std::endl;
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
  for (const auto& [name, place] : app.places()) std::cout << "  " << name << ": " << place << "\n";
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
  embedded::SyncOptions options;
  options.database_url = config.database_url;
  options.address = config.sync_address;
  options.port = config.sync_port;
  options.secret = config.electric_secret;
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

/// A running host is found by what it wrote in its directory, unless the caller names one.
Result<std::string> api_of(const cli::Command& command) {
  const Config& config = command.config;
  if (!command.names_host) {
    auto written = read_api_address(config.directory);
    if (!written || !written->empty()) return written;
  }
  return url_of(config.api_address, config.api_port);
}

int show_status(const cli::Command& command) {
  const Config& config = command.config;
  const auto api = api_of(command);
  if (!api) return failed(api.error());
  const std::string url = *api + "/api/status";
  const auto client = net::make_http_client();
  const auto token = config.token.empty() ? read_token(config.directory) : config.token;
  const auto response = get(*client, url, token);
  if (!response) {
    return failed({ErrorCode::retry, "No host answers at " + url + ": " + response.error().message +
                                         " Give the --port or the --directory of one that runs."});
  }
  std::cout << response->body << std::endl;
  return response->status == 200 ? 0 : 1;
}

}  // namespace

int execute(const cli::Command& command) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread is made
  std::signal(SIGPIPE, SIG_IGN);
  const auto level = log::parse_level(command.config.log_level);
  if (!level) {
    return failed({ErrorCode::rejected, "The log level is \"" + command.config.log_level +
                                            "\"; use debug, info, warning or error."});
  }
  log::configure(*level);
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
      return show_status(command);
  }
  return 1;
}

}  // namespace patchbay::app
