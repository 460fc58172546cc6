// App: one running host. Owns its parts and gives them their order: database, services, local API,
// hub, patterns at the start, and back at the end. Members stand in the order in which they need
// each other. Used from the main thread only.
#pragma once

#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "api/api_server.hpp"
#include "app/host_database.hpp"
#include "app/host_directory.hpp"
#include "app/host_services.hpp"
#include "app/parts_watch.hpp"
#include "app/place.hpp"
#include "app/stop_progress.hpp"
#include "app/stream_watch.hpp"
#include "app/table_reader.hpp"
#include "config/config.hpp"
#include "hub/hub.hpp"
#include "net/http_client.hpp"
#include "patterns/hosted_patterns.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::app {

class App {
 public:
  explicit App(Config config);
  /// Ends everything. What does not come to an end in time, a pattern in a step that hangs say, is
  /// left behind, and the log says so.
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Starts everything that the configuration does not name as already there. The error says which
  /// part, why, and what to do; ErrorCode::rejected is a matter of configuration.
  /// `stopping` is asked while the start waits: true ends the waits early. [main thread]
  Result<void> start(const std::function<bool()>& stopping = [] { return false; });
  /// As StopProgress::give_up; may be called during and after the end of the app. [any thread]
  [[nodiscard]] std::function<std::string()> give_up() const { return progress_.give_up(); }
  /// Where the parts are.
  [[nodiscard]] const Places& places() const noexcept { return places_; }
  /// Called every second: starts a private PostgreSQL again that has died.
  void keep_alive() { database_.keep_alive(); }
  /// True once some table has been read from the server or can be read here, and from then on.
  [[nodiscard]] bool serves() const { return served_ || streams_.live_count() > 0; }
  /// As StreamWatch::troubles.
  [[nodiscard]] std::vector<std::string> table_troubles();

 private:
  Result<void> check_configuration();
  Result<void> start_services();
  Result<void> start_api();
  Result<void> start_patterns();
  void make_hub();
  void start_hub();
  void follow_again();
  void watch_parts();
  void wait_for_backend(const std::function<bool()>& stopping);
  void wait_for_streams(const std::function<bool()>& stopping);
  [[nodiscard]] std::string cached_server() const;

  Config config_;
  StopProgress progress_;
  Places places_;
  HostDirectory directory_;
  HostDatabase database_{progress_};
  HostServices services_;
  std::unique_ptr<net::HttpClient> http_;
  IoPool pool_{2};
  std::unique_ptr<Executor> hub_strand_;
  std::unique_ptr<TableReader> table_reader_;
  OwnThread cache_thread_;    ///< Reads and writes the files of the shape cache.
  bool hub_started_ = false;  ///< On the hub's strand.
  StreamWatch streams_;
  bool served_ = false;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<api::ApiServer> api_;
  std::unique_ptr<PartsWatch> watch_;
  patterns::HostedPatterns patterns_;
};

}  // namespace patchbay::app
