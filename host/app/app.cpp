#include "app/app.hpp"

#include <chrono>
#include <future>
#include <thread>

#include "app/check_config.hpp"
#include "app/config_secrets.hpp"
#include "app/get.hpp"
#include "app/part_options.hpp"
#include "app/part_urls.hpp"
#include "app/tuning.hpp"
#include "cli/plugin_list.hpp"
#include "config/installation.hpp"
#include "log/log.hpp"
#include "patterns/plugin_files.hpp"

namespace patchbay::app {
namespace {

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
      streams_(*hub_strand_, pool_.clock(),
               {[this](const StreamStatus& status) { api_->on_stream_status(status); },
                [this](const std::string& table) { hub_->restart(table); },
                [this] { patterns_.network_restored(); }}),
      patterns_(config_, pool_, *hub_strand_) {}

App::~App() {
  progress_.waits_for("a swap");
  if (hub_) patterns_.close();
  progress_.waits_for("the local API");
  watch_.reset();
  if (api_) api_->stop();
  // From here on no strand and no timer runs: nothing reaches a pattern any more.
  pool_.stop();
  // Beside what follows: each of both may wait for a database that hangs.
  const auto backend = std::async(std::launch::async, [this] { services_.stop_backend(); });
  progress_.waits_for("the sync service");
  services_.stop_sync();  // it posts to the hub's strand
  http_.reset();
  progress_.waits_for("the patterns");
  patterns_.stop_all();
  progress_.waits_for("the backend");
  backend.wait();
  progress_.waits_for("PostgreSQL");
  database_.stop();
  progress_.waits_for("its last threads");
}

Result<void> App::start(const std::function<bool()>& stopping) {
  if (auto taken = directory_.take(config_); !taken) return taken;
  if (auto found = directory_.find_token(config_); !found) return found;
  // What can be wrong with the configuration alone is said before anything is started.
  if (auto checked = check_configuration(); !checked) return checked;
  if (auto loaded = patterns_.load(); !loaded) return loaded;
  if (auto started = database_.start(config_, places_); !started) return started;
  if (auto started = start_services(); !started) return started;
  if (auto started = start_api(); !started) return started;
  make_hub();
  if (auto started = start_patterns(); !started) return started;
  // Nothing can fail from here on, so a start that fails leaves nothing in the user's database.
  services_.begin();
  wait_for_backend(stopping);
  start_hub();
  wait_for_streams(stopping);
  served_ = patterns_.serves_any();
  patterns_.open();
  watch_parts();
  return {};
}

Result<void> App::check_configuration() {
  if (auto made = make_secrets(config_); !made) return made;
  hide_secrets(config_);
  if (auto checked = HostServices::check(config_); !checked) return checked;
  if (auto checked = check_urls(config_); !checked) return checked;
  return canonicalise_tables(config_);
}

Result<void> App::start_services() {
  return services_.bind(config_, places_,
                        [this] { hub_strand_->post([this] { follow_again(); }); });
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
  places_.push_back({"page", url + " (token: " + directory_.token_place() + ")",
                     url + "/#token=" + config_.token});
  directory_.write_address(config_, url);
  return {};
}

void App::make_hub() {
  http_ = net::make_http_client();
  HubOptions options;
  options.shapes = shape_options(config_);
  if (!services_.runs_sync() && !database_.is_private() && !config_.database_url.empty()) {
    table_reader_ = std::make_unique<TableReader>(config_.database_url);
    for (electric::ShapeOptions& shape : options.shapes) {
      if (shape.table == kHeartbeatTable) continue;
      shape.look = table_reader_->look_at(shape.table, shape.columns_except);
    }
  }
  if (config_.cache) {
    options.cache = {config_.directory / "shapes", cached_server(), &cache_thread_.executor()};
  }
  options.seed = static_cast<std::uint64_t>(pool_.clock().wall_now().time_since_epoch().count());
  options.on_status = [this](const StreamStatus& status) { streams_.on_status(status); };
  hub_ = std::make_unique<Hub>(std::move(options), *http_, *hub_strand_, pool_.clock());
}

/// The source of the cached rows. An embedded service has another port at each start.
std::string App::cached_server() const {
  if (!services_.runs_sync()) return "";
  return "embedded " +
         (database_.is_private() ? "private" : without_password(config_.database_url));
}

Result<void> App::start_patterns() {
  const auto files = patterns_.start(*hub_, *api_);
  if (!files) return tl::unexpected(files.error());
  for (const auto& [instance, file] : *files) places_.push_back({instance + " file", file, ""});
  return {};
}

/// Until the backend has made the heartbeat's table, so that its stream can be followed
/// immediately. A backend that is not ready in time is not an error: streams that stop are tried
/// again.
void App::wait_for_backend(const std::function<bool()>& stopping) {
  const bool ready = wait_for([&] {
    if (stopping()) return true;
    const auto said =
        get(*http_, config_.backend_url + "/ready", config_.backend_token, kAnswerPatience);
    return said && said->status < 500;  // a backend that is not ours may have no such route
  });
  if (!ready) {
    log::info("app",
              "The backend at " + config_.backend_url + " is not ready yet; the start continues.");
  }
}

/// Until every pattern can be read and written, or a stream has said why not.
void App::wait_for_streams(const std::function<bool()>& stopping) {
  wait_for([&] { return stopping() || streams_.heard_count() >= config_.tables.size(); });
  if (streams_.live_count() < config_.tables.size()) return;
  wait_for([&] { return stopping() || patterns_.all_ready(); });
}

void App::start_hub() {
  hub_->start();
  hub_strand_->post([this] { hub_started_ = true; });
}

/// On the hub's strand: the embedded service is there, so streams that wait need not wait longer.
void App::follow_again() {
  if (!hub_started_) return;
  for (const std::string& table : config_.tables) hub_->restart(table);
  hub_->restart(kHeartbeatTable);
}

/// From here on the local API knows how the parts are.
void App::watch_parts() {
  watch_ = std::make_unique<PartsWatch>(
      PartsWatch::Seams{*http_, pool_.make_strand(), pool_.clock()},
      watched_parts(config_, services_.runs_sync()),
      [this](auto troubles) { api_->on_troubles(std::move(troubles)); });
}

std::vector<std::string> App::table_troubles() {
  std::promise<std::vector<std::string>> told;
  hub_strand_->post([this, &told] { told.set_value(streams_.troubles()); });
  return told.get_future().get();
}

}  // namespace patchbay::app
