// ApiDesk: where every request and every event of the local API arrives, one at a time.
// HTTP server and patterns -> strand -> desk -> routes, board, feed. Owned by the ApiServer.
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

/// All methods on the API's strand.
class ApiDesk {
 public:
  ApiDesk(ApiOptions options, WebFiles files, ApiPoster poster);

  void start_keep_alive();
  /// From now on; see StatusBoard.
  void watch_steps();
  void serve(const Exchange& exchange);

  void add_pattern(PatternPort& port);
  void miss_pattern(const std::string& instance, const std::string& reason);
  void remove_pattern(const std::string& instance);
  void on_troubles(std::vector<Trouble> troubles) { board_.note(std::move(troubles)); }
  void on_row(const std::string& instance, const ViewRow& row, bool gone);
  void on_table(const std::string& instance, const std::string& table);
  void on_write(const std::string& instance, const WriteStatus& write);
  void on_pattern(const PatternStatus& status);
  void on_stream(const StreamStatus& status);
  /// Events were dropped: every reader must ask afresh.
  void on_overflow() { feed_.note_missed(); }

 private:
  void serve_api(const Exchange& exchange, const std::string& route);
  void serve_events(const Exchange& exchange);
  void serve_network(const Exchange& exchange);
  void serve_metrics(const Exchange& exchange);
  void catch_up_later();
  void serve_health(const Exchange& exchange);
  void serve_ready(const Exchange& exchange);

  const ApiOptions options_;
  const WebFiles files_;
  ApiPoster poster_;
  EventFeed feed_;
  StatusBoard board_;
  PatternRoutes routes_;
  ModuleRoutes modules_;
  Metrics metrics_;
};

}  // namespace patchbay::api
