#include "sync_service.hpp"

#include <algorithm>
#include <atomic>

#include "access/access.hpp"
#include "access/origin.hpp"
#include "database/database_url.hpp"
#include "embedded/sync/catalogue_thread.hpp"
#include "embedded/sync/replication_stream.hpp"
#include "embedded/sync/shape_answers.hpp"
#include "embedded/sync/shape_reader.hpp"
#include "embedded/sync/shape_registry.hpp"
#include "embedded/sync/shape_requests.hpp"
#include "embedded/sync/slot_setup.hpp"
#include "embedded/sync/snapshot_loads.hpp"
#include "embedded/sync/waiting_requests.hpp"
#include "net/http_server.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::embedded {
namespace {

RegistryOptions registry_options(const SyncOptions& options, const ServedTables& tables) {
  RegistryOptions registry;
  registry.limits = {std::max<std::size_t>(options.chunk_bytes_max, 1), options.log_bytes_max};
  registry.shapes_file = options.shapes_file;
  registry.on_connected = options.on_connected;
  registry.tables = tables;
  return registry;
}

std::chrono::milliseconds long_poll(const SyncOptions& options) {
  return std::chrono::milliseconds(options.long_poll_ms);
}

/// Members stand in the order of their making; `stop` ends them in the opposite one.
class RunningService final : public SyncService {
 public:
  RunningService(const SyncOptions& options, const ServedTables& tables)
      : pool_(1),
        strand_(pool_.make_strand()),
        catalogue_(std::make_unique<CatalogueThread>(options.database_url)),
        loads_(std::make_unique<SnapshotLoads>(
            SnapshotSource{options.database_url, options.chunk_bytes_max})),
        waiting_(*strand_, pool_.clock(), long_poll(options)),
        registry_(registry_options(options, tables), {*catalogue_, *loads_}, waiting_, *strand_,
                  pool_.clock()),
        reader_(registry_, pool_.clock(), long_poll(options)),
        requests_({{options.address, options.allowed_origins}, options.secret, tables}, registry_,
                  waiting_, reader_, *strand_),
        stream_options_{options.database_url, options.slot, registry_.kept().position,
                        registry_.kept().system} {}
  ~RunningService() override { stop(); }

  Result<void> listen(const SyncOptions& options) {
    net::HttpServerOptions http;
    http.address = options.address;
    http.port = options.port;
    http.connections_max = tuning::kParkedRequestsMax + tuning::kSpareConnections;
    http.error_response = [](int status, std::string_view message) {
      return status == 503 ? answer_unavailable(message) : answer_foreign(status, message);
    };
    auto server = net::start_http_server(std::move(http), [this](auto request, auto reply) {
      requests_.handle(std::move(request), std::move(reply));
    });
    if (!server) return tl::unexpected(server.error());
    server_ = std::move(*server);
    port_ = server_->port();
    return {};
  }

  void begin() override {
    registry_.start();
    stream_ = std::make_unique<ReplicationStream>(stream_options_, registry_);
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop() override {
    if (server_) server_->stop();
    // Before the wait for the stream: a connect to a database that hangs lasts for seconds.
    if (loads_) loads_->begin_stop();
    if (catalogue_) catalogue_->begin_stop();
    stream_.reset();
    // After this nothing runs on the strand any more, so nothing uses those that end now.
    pool_.stop();
    registry_.finish();
    loads_.reset();
    catalogue_.reset();
  }

 private:
  IoPool pool_;
  std::unique_ptr<Executor> strand_;
  std::unique_ptr<CatalogueThread> catalogue_;
  std::unique_ptr<SnapshotLoads> loads_;
  WaitingRequests waiting_;
  ShapeRegistry registry_;
  ShapeReader reader_;
  ShapeRequests requests_;
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
  auto service = std::make_unique<RunningService>(options, *tables);
  if (auto bound = service->listen(options); !bound) return tl::unexpected(bound.error());
  return service;
}

Result<std::unique_ptr<SyncService>> start_sync_service(SyncOptions options) {
  auto service = bind_sync_service(std::move(options));
  if (service) (*service)->begin();
  return service;
}

}  // namespace patchbay::embedded
