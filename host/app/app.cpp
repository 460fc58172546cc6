#include "app/app.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <thread>

#include "app/data_directory.hpp"
#include "app/get.hpp"
#include "app/wiring.hpp"
#include "cli/plugin_list.hpp"
#include "config/installation.hpp"
#include "database/run_sql.hpp"
#include "log/log.hpp"
#include "log/secrets.hpp"
#include "patterns/plugin_files.hpp"

namespace patchbay::app {
namespace {

/// The table whose updates keep the stream's LSN moving; the backend makes and updates it.
constexpr const char* kTickTable = "patchbay.tick";
/// A stream that stopped (its table is not there yet, say) is tried again this often.
constexpr std::chrono::seconds kStoppedStreamRetryDelay{5};
/// How long the start waits for the backend, and for the streams; how often it looks.
constexpr std::chrono::seconds kReadyTimeout{3};
constexpr std::chrono::milliseconds kReadyPoll{10};
/// How long one question to a backend that hangs may hold the start, or its end by a signal.
constexpr std::chrono::milliseconds kAnswerPatience{1'000};

/// False when the condition is not met in time. Blocks; for the main thread.
bool wait_for(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kReadyTimeout;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(kReadyPoll);
  }
  return false;
}

}  // namespace

App::App(Config config)
    : config_(std::move(config)),
      hub_strand_(pool_.make_strand()),
      patterns_(config_, pool_, *hub_strand_) {}

App::~App() {
  auto& phase = ending_->phase;
  phase = "a swap";
  if (hub_) patterns_.close();
  phase = "the local API";
  watch_.reset();
  if (api_) api_->stop();
  // From here on no strand and no timer runs: nothing reaches a pattern any more.
  pool_.stop();
  // Beside what follows: each of both may wait for a database that hangs.
  const auto backend = std::async(std::launch::async, [this] {
    if (backend_) backend_->stop();
  });
  phase = "the sync service";
  if (sync_) sync_->stop();  // it posts to the hub's strand
  http_.reset();
  phase = "the patterns";
  patterns_.stop_all();
  phase = "the backend";
  backend.wait();
  phase = "PostgreSQL";
  if (postgres_) postgres_->stop();
  phase = "its last threads";
}

std::function<std::string()> App::give_up() const {
  return [ending = ending_] {
    // A server that hangs is woken, so that it can end; what it has committed is in its log.
    if (const pid_t postgres = ending->postgres_id; postgres > 0) {
      kill(postgres, SIGQUIT);
      kill(postgres, SIGCONT);
    }
    return std::string(ending->phase.load());
  };
}

Result<void> App::start(const std::function<bool()>& stopping) {
  if (auto taken = take_directory(); !taken) return taken;
  if (config_.token.empty()) {
    auto token = read_or_make_token(config_.directory);
    if (!token) return tl::unexpected(token.error());
    config_.token = *std::move(token);
    token_place_ = std::filesystem::absolute(config_.directory / "token").string();
  }
  // What can be wrong with the configuration alone is said before anything is started.
  if (auto checked = check_doors(); !checked) return checked;
  if (auto checked = check_places(config_); !checked) return checked;
  if (auto named = canonicalise_tables(config_); !named) return named;
  if (auto loaded = patterns_.load(); !loaded) return loaded;
  if (auto result = start_database(); !result) return result;
  if (auto result = bind_sync(); !result) return result;
  if (auto result = bind_backend(); !result) return result;
  if (auto result = start_api(); !result) return result;
  make_hub();
  const auto files = patterns_.start(*hub_, *api_);
  if (!files) return tl::unexpected(files.error());
  for (const auto& [instance, file] : *files) places_.push_back({instance + " file", file, ""});
  // Nothing can fail from here on, so a start that fails leaves nothing in the user's database.
  if (sync_) sync_->begin();
  if (backend_) backend_->begin();
  wait_for_backend(stopping);
  start_hub();
  wait_for_streams(stopping);
  served_ = patterns_.serves_any();
  patterns_.open();
  watch_parts();
  return {};
}

Result<void> App::take_directory() {
  const bool private_postgres =
      config_.database_url.empty() && (config_.electric_url.empty() || config_.backend_url.empty());
  const bool passable = private_postgres && geteuid() == 0;
  const auto& directory = config_.directory;
  if (auto made = make_data_directory(directory, passable); !made) return made;
  if (auto locked = lock_.take(directory); !locked) return locked;
  close_to_others(directory, passable);
  ApiAddress::forget(directory);
  return {};
}

/// Of the parts that this host runs itself.
Result<void> App::check_doors() {
  if (auto made = make_secrets(config_); !made) return made;
  hide_secrets(config_);
  if (config_.electric_url.empty()) {
    if (auto checked = embedded::check_access(sync_options(config_)); !checked) return checked;
  }
  if (!config_.backend_url.empty()) return {};
  return backend::check_access(backend_options(config_));
}

Result<void> App::start_database() {
  if (!config_.database_url.empty()) {
    places_.push_back({"database", without_password(config_.database_url), ""});
    return {};
  }
  const bool needed = config_.electric_url.empty() || config_.backend_url.empty();
  if (!needed) return {};
  auto setup = read_setup_sql(config_);
  if (!setup) return tl::unexpected(setup.error());
  auto started = embedded::PrivatePostgres::start({config_.directory / "postgres", {}, true});
  if (!started) return tl::unexpected(started.error());
  postgres_ = *std::move(started);
  ending_->postgres_id = postgres_->process_id();
  config_.database_url = postgres_->url();
  hide_secrets(config_);
  const auto password = std::filesystem::absolute(config_.directory / "postgres" / "password");
  places_.push_back(
      {"database",
       without_password(config_.database_url) + " (password: " + password.string() + ")",
       config_.database_url});
  return run_sql(config_.database_url, *setup);
}

Result<void> App::bind_sync() {
  if (!config_.electric_url.empty()) {
    const std::string& url = config_.electric_url;
    places_.push_back({"electric", log::hidden(url.substr(0, url.find('?'))), ""});
    return {};
  }
  embedded::SyncOptions options = sync_options(config_);
  options.shapes_file = config_.directory / "shapes.json";
  options.on_connected = [this] { hub_strand_->post([this] { follow_at_once(); }); };
  auto bound = embedded::bind_sync_service(options);
  if (!bound) return tl::unexpected(bound.error());
  sync_ = *std::move(bound);
  config_.electric_url = url_of(config_.sync_address, sync_->port());
  const std::string url = shape_url(config_.electric_url);
  places_.push_back({"sync service", url, ""});
  if (options.secret.empty()) return {};
  places_.back().shown += " (secret: electric.secret, or made at each start)";
  places_.back().with_secret = url + "?" + net::sorted_query({{"secret", options.secret}});
  return {};
}

Result<void> App::bind_backend() {
  if (!config_.backend_url.empty()) {
    places_.push_back({"backend", log::hidden(config_.backend_url), ""});
    return {};
  }
  auto bound = backend::bind_backend(backend_options(config_));
  if (!bound) return tl::unexpected(bound.error());
  backend_ = *std::move(bound);
  config_.backend_url = url_of(config_.backend_address, backend_->port());
  places_.push_back({"backend", config_.backend_url, ""});
  return {};
}

Result<void> App::start_api() {
  api::ApiOptions options;
  options.address = config_.api_address;
  options.port = config_.api_port;
  options.token = config_.token;
  options.web_directory = shared_directory("web", PATCHBAY_WEB_DIRECTORY);
  options.version = PATCHBAY_VERSION;
  for (const Place& place : places_) {
    options.places.emplace_back(place.name,
                                place.with_secret.empty() ? place.shown : place.with_secret);
  }
  options.page_table = config_.page_table;
  options.expected = patterns_.names();
  patterns_.add_hooks(options.hooks);
  options.hooks.plugins = [this] {
    return cli::plugins_as_json(patterns::make_plugin_loader(config_));
  };
  auto started = api::start_api_server(std::move(options), {});
  if (!started) return tl::unexpected(started.error());
  api_ = *std::move(started);
  const std::string url = url_of(config_.api_address, api_->port());
  places_.push_back(
      {"page", url + " (token: " + token_place_ + ")", url + "/#token=" + config_.token});
  // On a full disk, say: the host runs all the same.
  if (auto written = api_address_.write(config_.directory, url); !written) {
    log::warning("app", written.error().message);
  }
  return {};
}

/// Until the backend has made the table of the ticks, so that its stream can be followed at once.
/// A backend that is not ready in time is no error: streams that stop are tried again.
void App::wait_for_backend(const std::function<bool()>& stopping) {
  const bool ready = wait_for([&] {
    if (stopping()) return true;
    const auto said =
        get(*http_, config_.backend_url + "/ready", config_.backend_token, kAnswerPatience);
    return said && said->status < 500;  // a backend that is not ours may have no such route
  });
  if (!ready) {
    log::info("app", "The backend at " + config_.backend_url + " is not ready yet; going on.");
  }
}

/// Until every pattern can be read and written, or a stream has said why not.
void App::wait_for_streams(const std::function<bool()>& stopping) {
  wait_for([&] { return stopping() || tables_heard_count_ >= config_.tables.size(); });
  if (tables_live_count_ < config_.tables.size()) return;
  wait_for([&] { return stopping() || patterns_.all_ready(); });
}

/// What the cached rows come from. An embedded service has another port at each start.
std::string App::cached_server() const {
  if (!sync_) return "";
  return "embedded " + (postgres_ ? "private" : without_password(config_.database_url));
}

void App::make_hub() {
  http_ = net::make_http_client();
  HubOptions options;
  std::vector<std::string> tables = config_.tables;
  tables.emplace_back(kTickTable);
  const bool reads_tables = !sync_ && !postgres_ && !config_.database_url.empty();
  if (reads_tables) table_reader_ = std::make_unique<TableReader>(config_.database_url);
  for (const std::string& table : tables) {
    electric::ShapeOptions shape;
    shape.url = shape_url(config_.electric_url);
    shape.table = table;
    if (!config_.electric_secret.empty()) {
      shape.credentials.emplace_back("secret", config_.electric_secret);
    }
    shape.cached = table != kTickTable;
    shape.columns_except = columns_except(config_, table);
    if (reads_tables && table != kTickTable) {
      shape.look = table_reader_->look_at(table, shape.columns_except);
    }
    options.shapes.push_back(std::move(shape));
  }
  if (config_.cache) {
    options.cache = {config_.directory / "shapes", cached_server(), &cache_thread_.executor()};
  }
  options.seed = static_cast<std::uint64_t>(pool_.clock().wall_now().time_since_epoch().count());
  options.on_status = [this](const StreamStatus& status) { stream_changed(status); };
  hub_ = std::make_unique<Hub>(std::move(options), *http_, *hub_strand_, pool_.clock());
}

void App::start_hub() {
  hub_->start();
  hub_strand_->post([this] { hub_started_ = true; });
}

/// From here on the local API knows how its parts are.
void App::watch_parts() {
  const bool bundled = sync_ != nullptr;
  const std::string stream = shape_url(config_.electric_url);
  const std::string electric = stream.substr(0, stream.rfind("/v1/shape"));
  const std::string secret = net::sorted_query({{"secret", config_.electric_secret}});
  std::vector<WatchedPart> parts{
      {"backend", config_.backend_url + "/ready", config_.backend_url + "/health",
       config_.backend_token},
      {bundled ? "sync" : "electric", electric + "/ready?" + secret, electric + "/v1/health", ""}};
  watch_ = std::make_unique<PartsWatch>(
      PartsWatch::Seams{*http_, pool_.make_strand(), pool_.clock()}, std::move(parts),
      [this](auto troubles) { api_->on_troubles(std::move(troubles)); });
}

std::vector<std::string> App::table_troubles() {
  const auto told = std::make_shared<std::promise<std::vector<std::string>>>();
  hub_strand_->post([this, told] {
    std::vector<std::string> troubles;
    for (const auto& [table, status] : streams_) {
      if (status.state == StreamState::live || table == kTickTable) continue;
      troubles.push_back(table + ": " +
                         (status.reason.empty() ? "It is being connected to." : status.reason));
    }
    told->set_value(std::move(troubles));
  });
  return told->get_future().get();
}

/// On the hub's strand: what waits before it asks again need not, the embedded service is there.
void App::follow_at_once() {
  if (!hub_started_) return;
  for (const std::string& table : config_.tables) hub_->restart(table);
  hub_->restart(kTickTable);
}

/// On the hub's strand.
void App::stream_changed(const StreamStatus& status) {
  streams_[status.table] = status;
  if (status.table != kTickTable) {
    api_->on_stream_status(status);
    if (status.state != StreamState::connecting) tables_heard_.insert(status.table);
    if (status.state == StreamState::live) tables_live_.insert(status.table);
    tables_heard_count_ = tables_heard_.size();
    tables_live_count_ = tables_live_.size();
  }
  const bool away = status.state == StreamState::retrying || status.state == StreamState::stopped;
  if (away) {
    if (tables_away_.empty() && status.state == StreamState::retrying) {
      log::warning("stream",
                   "Tables are not followed, " + status.table + " for one: " + status.reason);
    }
    tables_away_.insert(status.table);
  } else if (status.state == StreamState::live && tables_away_.erase(status.table) > 0) {
    if (tables_away_.empty()) log::info("stream", "Every table is followed again.");
    patterns_.network_restored();
  }
  if (status.state == StreamState::stopped) {
    pool_.clock().after(kStoppedStreamRetryDelay, *hub_strand_,
                        [this, table = status.table] { hub_->restart(table); });
  }
}

void App::keep_alive() {
  if (!postgres_) return;
  const auto before = postgres_->process_id();
  const auto running = postgres_->ensure_running();
  if (!running && !postgres_failed_) log::error("postgres", running.error().message);
  if (running && (postgres_failed_ || postgres_->process_id() != before)) {
    log::info("postgres", "PostgreSQL had ended and runs again.");
  }
  postgres_failed_ = !running;
  ending_->postgres_id = postgres_->process_id();
}

}  // namespace patchbay::app
