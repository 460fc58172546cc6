// App: one running host. Owns everything and wires it, once: database, sync service, backend, hub,
// patterns, local API. Members stand in the order in which they need each other, so the end of the
// app is their order backwards. Used from the main thread only.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <patchbay/result.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/api_server.hpp"
#include "app/api_address.hpp"
#include "app/directory_lock.hpp"
#include "app/parts_watch.hpp"
#include "app/table_reader.hpp"
#include "backend/backend.hpp"
#include "config/config.hpp"
#include "embedded/private_postgres.hpp"
#include "embedded/sync_service.hpp"
#include "hub/hub.hpp"
#include "net/http_client.hpp"
#include "patterns/hosted_patterns.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::app {

class App {
 public:
  explicit App(Config config);
  /// Ends everything. What does not come to an end in time, a pattern in a step that hangs say, is
  /// left behind and said in the log.
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Starts everything that the configuration does not name as already there. The error says which
  /// part, why, and what to do; ErrorCode::rejected is a matter of configuration.
  /// `stopping` is asked while it waits: true ends the waits early. [main thread]
  Result<void> start(const std::function<bool()>& stopping = [] { return false; });
  /// What to call when the process is about to end as it is, also during and after the end of the
  /// app: tells a private PostgreSQL to end at once, and says what was being waited for.
  /// [any thread]
  [[nodiscard]] std::function<std::string()> give_up() const;
  /// Where something is, for people.
  struct Place {
    std::string name;
    std::string shown;        ///< Fit for a log: it says where the secret is kept.
    std::string with_secret;  ///< For a terminal; "" where there is none.
  };
  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }
  /// Called every second: starts a private PostgreSQL again that has died.
  void keep_alive();
  /// True once some table has been read from the server or can be read here, and from then on.
  [[nodiscard]] bool serves() const { return served_ || tables_live_count_ > 0; }
  /// Why each table that is not followed is not, a sentence a table.
  [[nodiscard]] std::vector<std::string> table_troubles();

 private:
  Result<void> take_directory();
  Result<void> check_doors();
  Result<void> start_database();
  Result<void> bind_sync();
  Result<void> bind_backend();
  Result<void> start_api();
  void wait_for_backend(const std::function<bool()>& stopping);
  void wait_for_streams(const std::function<bool()>& stopping);
  [[nodiscard]] std::string cached_server() const;
  void make_hub();
  void start_hub();
  void follow_at_once();
  void watch_parts();
  void stream_changed(const StreamStatus& status);

  Config config_;
  struct Ending {
    std::atomic<const char*> phase{"the start"};  ///< What is being waited for, a literal.
    std::atomic<std::int32_t> postgres_id{0};
  };
  const std::shared_ptr<Ending> ending_ = std::make_shared<Ending>();
  std::vector<Place> places_;
  std::string token_place_ = "api.token";  ///< For people.
  DirectoryLock lock_;
  ApiAddress api_address_;
  std::unique_ptr<embedded::PrivatePostgres> postgres_;
  bool postgres_failed_ = false;
  std::unique_ptr<embedded::SyncService> sync_;
  std::unique_ptr<backend::Backend> backend_;
  std::unique_ptr<net::HttpClient> http_;
  IoPool pool_{2};
  std::unique_ptr<Executor> hub_strand_;
  std::unique_ptr<TableReader> table_reader_;
  OwnThread cache_thread_;              ///< Reads and writes the files of the shape cache.
  bool hub_started_ = false;            ///< On the hub's strand.
  std::set<std::string> tables_heard_;  ///< On the hub's strand.
  std::set<std::string> tables_live_;   ///< On the hub's strand: live once.
  std::atomic<std::size_t> tables_live_count_{0};
  std::atomic<std::size_t> tables_heard_count_{0};
  std::set<std::string> tables_away_;            ///< On the hub's strand.
  std::map<std::string, StreamStatus> streams_;  ///< On the hub's strand, by table.
  bool served_ = false;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<api::ApiServer> api_;
  std::unique_ptr<PartsWatch> watch_;
  patterns::HostedPatterns patterns_;
};

}  // namespace patchbay::app
