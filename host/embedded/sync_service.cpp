#include "sync_service.hpp"

#include <algorithm>
#include <atomic>

#include "access/access.hpp"
#include "access/origin.hpp"
#include "database/database_url.hpp"
#include "embedded/sync/catalogue_thread.hpp"
#include "embedded/sync/replication_stream.hpp"
#include "embedded/sync/shape_desk.hpp"
#include "embedded/sync/slot_setup.hpp"
#include "embedded/sync/snapshot_loads.hpp"
#include "net/http_server.hpp"
#include "runtime/asio_executor.hpp"
#include "tuning.hpp"

namespace patchbay::embedded {
namespace {

DeskOptions desk_options(const SyncOptions& options, ServedTables tables) {
  DeskOptions desk;
  desk.door = {options.address, options.allowed_origins};
  desk.tables = std::move(tables);
  desk.secret = options.secret;
  desk.long_poll = std::chrono::milliseconds(options.long_poll_ms);
  desk.limits = {std::max<std::size_t>(options.chunk_bytes_max, 1), tuning::kShapeLogBytesMax};
  desk.on_connected = options.on_connected;
  desk.shapes_file = options.shapes_file;
  return desk;
}

/// Members stand in the order of their making; `stop` ends them in the opposite one.
class RunningService final : public SyncService {
 public:
  RunningService(const SyncOptions& options, ServedTables tables)
      : pool_(1),
        strand_(pool_.make_strand()),
        catalogue_(std::make_unique<CatalogueThread>(options.database_url)),
        loads_(std::make_unique<SnapshotLoads>(
            SnapshotSource{options.database_url, options.chunk_bytes_max})),
        desk_(desk_options(options, std::move(tables)), *catalogue_, *loads_, *strand_,
              pool_.clock()),
        stream_options_{options.database_url, options.slot, desk_.kept().position,
                        desk_.kept().system} {}
  ~RunningService() override { stop(); }

  Result<void> listen(const SyncOptions& options) {
    net::HttpServerOptions http;
    http.address = options.address;
    http.port = options.port;
    http.connections_max = tuning::kParkedRequestsMax;
    auto server = net::start_http_server(std::move(http), [this](auto request, auto reply) {
      desk_.handle(std::move(request), std::move(reply));
    });
    if (!server) return tl::unexpected(server.error());
    server_ = std::move(*server);
    port_ = server_->port();
    return {};
  }

  void begin() override {
    desk_.start();
    stream_ = std::make_unique<ReplicationStream>(stream_options_, desk_);
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop() override {
    if (server_) server_->stop();
    // Told before the stream is waited for: a connect to a database that hangs lasts for seconds.
    if (loads_) loads_->begin_stop();
    if (catalogue_) catalogue_->begin_stop();
    stream_.reset();
    // After this nothing of the desk runs any more, so nobody asks those that end now.
    pool_.stop();
    desk_.finish_keeping();
    loads_.reset();
    catalogue_.reset();
  }

 private:
  IoPool pool_;
  std::unique_ptr<Executor> strand_;
  std::unique_ptr<CatalogueThread> catalogue_;
  std::unique_ptr<SnapshotLoads> loads_;
  ShapeDesk desk_;
  StreamOptions stream_options_;
  std::unique_ptr<ReplicationStream> stream_;
  std::unique_ptr<net::HttpServer> server_;
  std::uint16_t port_ = 0;
};

Result<void> check(const SyncOptions& options) {
  const auto url = DatabaseUrl::parse(options.database_url);
  if (!url) return tl::unexpected(url.error());
  return check_slot_name(options.slot);
}

}  // namespace

Result<void> check_access(const SyncOptions& options) {
  auto origins = access::check_origins("sync.allowed_origins", options.allowed_origins);
  if (!origins) return origins;
  return access::check_listener("The sync service", options.address, options.secret,
                                "a secret (electric.secret, or --secret of patchbay sync)");
}

Result<std::unique_ptr<SyncService>> bind_sync_service(SyncOptions options) {
  if (auto checked = check_access(options); !checked) return tl::unexpected(checked.error());
  if (auto checked = check(options); !checked) return tl::unexpected(checked.error());
  auto tables = ServedTables::parse(options.tables);
  if (!tables) return tl::unexpected(tables.error());
  auto service = std::make_unique<RunningService>(options, *std::move(tables));
  if (auto bound = service->listen(options); !bound) return tl::unexpected(bound.error());
  return service;
}

Result<std::unique_ptr<SyncService>> start_sync_service(SyncOptions options) {
  auto service = bind_sync_service(std::move(options));
  if (service) (*service)->begin();
  return service;
}

}  // namespace patchbay::embedded
