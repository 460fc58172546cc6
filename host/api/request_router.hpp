// RequestRouter: gives each request of the local API to the part that answers it: page, health and
// metrics, status, events, a pattern's routes, or the routes that change modules. HTTP server ->
// access checked -> route -> answer. On the API's strand; owned by the ApiServer.
#pragma once

#include <string>

#include "access.hpp"
#include "api_server.hpp"
#include "event_feed.hpp"
#include "exchange.hpp"
#include "loop.hpp"
#include "metrics.hpp"
#include "module_routes.hpp"
#include "pattern_routes.hpp"
#include "status_board.hpp"
#include "web_files.hpp"

namespace patchbay::api {

class RequestRouter {
 public:
  /// The sources of answers. All of them outlive the router.
  struct Sources {
    StatusBoard& board;
    EventFeed& feed;
    Metrics& metrics;
  };
  RequestRouter(const ApiOptions& options, WebFiles files, Sources sources, ApiPoster poster);

  /// Answers the request, now or later.
  void serve(const Exchange& exchange);

 private:
  void serve_api(const Exchange& exchange, const std::string& route);
  void serve_events(const Exchange& exchange);
  void serve_network(const Exchange& exchange);
  void serve_metrics(const Exchange& exchange);
  void serve_health(const Exchange& exchange);
  void serve_ready(const Exchange& exchange);

  const ApiOptions& options_;
  const AccessRules rules_;
  const WebFiles files_;
  StatusBoard& board_;
  EventFeed& feed_;
  Metrics& metrics_;
  PatternRoutes routes_;
  ModuleRoutes modules_;
};

}  // namespace patchbay::api
