// ShapeRequests: the routes of the sync service: checks who asks and for what, answers what can be
// answered immediately, and leaves requests for shapes to WaitingRequests.
// HttpServer → this → ShapeRegistry, WaitingRequests. Owned by the service; on the strand of the
// shapes, except `handle`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "access/access.hpp"
#include "embedded/sync/caller.hpp"
#include "embedded/sync/served_tables.hpp"
#include "embedded/sync/shape_registry.hpp"
#include "embedded/sync/waiting_requests.hpp"
#include "net/http_server.hpp"
#include "strand/executor.hpp"

namespace patchbay::embedded {

struct RequestOptions {
  access::Listener listener;
  std::string secret;  ///< See SyncOptions.
  ServedTables tables;
};

class ShapeRequests {
 public:
  ShapeRequests(RequestOptions options, ShapeRegistry& registry, WaitingRequests& waiting,
                RequestReader& reader, Executor& executor);

  /// Answers a request, now or once it can be answered. [any thread]
  void handle(std::shared_ptr<const net::ServerRequest> request,
              std::shared_ptr<net::ServerReply> reply);

 private:
  void route(const net::ServerRequest& request, const Caller& caller);
  [[nodiscard]] std::optional<net::HttpResponse> refusal(const net::ServerRequest& request) const;
  [[nodiscard]] bool is_authorized(const net::ServerRequest& request) const;
  void get_shape(const net::ServerRequest& request, const Caller& caller);
  void delete_shape(const net::ServerRequest& request, const Caller& caller);
  void delete_shape(const ShapeKey& key, const Caller& caller);

  RequestOptions options_;
  ShapeRegistry& registry_;
  WaitingRequests& waiting_;
  RequestReader& reader_;
  Executor& executor_;
};

}  // namespace patchbay::embedded
