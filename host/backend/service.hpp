// Service: carries out the requests of the backend. HTTP server -> handle -> a database thread or
// the stream proxy -> the reply. Owned by the backend; `handle` runs on the server's thread and
// only posts.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "backend/access.hpp"
#include "backend/answer.hpp"
#include "backend/backend.hpp"
#include "backend/database_probe.hpp"
#include "backend/metrics.hpp"
#include "backend/shape_proxy.hpp"
#include "backend/upkeep.hpp"
#include "backend/worker_pool.hpp"
#include "backend/write_request.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

namespace patchbay::backend {

class Service {
 public:
  Service(const BackendOptions& options, ExposedTables exposed);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void handle(std::shared_ptr<const net::ServerRequest> request,
              std::shared_ptr<net::ServerReply> reply);
  /// The server's own answer to a request that it cannot read.
  [[nodiscard]] net::HttpResponse server_error(int status, std::string_view message) const;
  /// Starts database work; what was posted before waits for it.
  void begin();
  /// Ends database work; call it after the server was stopped.
  void stop();

 private:
  struct Exchange;
  using ExchangeRef = std::shared_ptr<Exchange>;
  using Job = void (Service::*)(Exchange&, Database&);

  void finish(Exchange& exchange, net::HttpResponse response);
  void post(const ExchangeRef& exchange, Job job);
  void answer_ready(Exchange& exchange);
  void read_stream(const ExchangeRef& exchange);
  void pass_on(const ExchangeRef& exchange, const ShapeProxy::Shape& shape);
  void answer_outcome(Exchange& exchange, const std::optional<WriteId>& id,
                      const WriteOutcome& outcome);
  void note(const std::optional<WriteId>& id, const WriteOutcome& outcome);

  [[nodiscard]] std::optional<WriteId> id_in_path(Exchange& exchange);
  void run_write(Exchange& exchange, Database& database);
  void run_changes(Exchange& exchange, Database& database);
  void run_read(Exchange& exchange, Database& database);
  void run_void(Exchange& exchange, Database& database);
  void run_read_outcome(Exchange& exchange, Database& database);
  void run_openapi(Exchange& exchange, Database& database);
  [[nodiscard]] std::string metrics_text();

  const ExposedTables exposed_;
  const std::chrono::seconds outcome_lifetime_;
  const bool needs_token_;
  const Access access_;
  Metrics metrics_;
  std::atomic<bool> unrecordable_{false};  ///< As the log said last.
  Upkeep upkeep_;
  DatabaseProbe probe_;
  WorkerPool pool_;
  std::unique_ptr<net::HttpClient> client_;
  ShapeProxy proxy_;
};

}  // namespace patchbay::backend
