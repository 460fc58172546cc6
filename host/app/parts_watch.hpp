// PartsWatch: asks backend and Electric, or the sync service, whether they are ready, again and
// again, so that one that hangs is noticed as soon as one that is gone. HTTP -> watch -> local API,
// and the log: once when a part goes, once when it is back. On a strand of the io pool; owned by
// the app, gone before the pool.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/api_server.hpp"
#include "net/http_client.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::app {

/// A part of the system that answers over HTTP.
struct WatchedPart {
  std::string part;          ///< "backend", "sync" or "electric".
  std::string ready_url;     ///< "http://host:port/ready?secret=…"; a 404 there says nothing.
  std::string fallback_url;  ///< Asked if `ready_url` does not exist: any answer below 500 will do.
  std::string token;         ///< Sent as a bearer token unless empty.
};

/// Troubles that the answer of a part, or its silence, tells of. Pure.
[[nodiscard]] std::vector<api::Trouble> troubles_of(const WatchedPart& part,
                                                    const Result<net::HttpResponse>& answer);

/// Adds a trouble unless `all` has it: both backend and sync service may say that the database is
/// away, the one at more length, which is kept. Pure.
void add_once(const api::Trouble& trouble, std::vector<api::Trouble>& all);

class PartsWatch {
 public:
  struct Seams {
    net::HttpClient& http;
    std::unique_ptr<Executor> strand;
    Clock& clock;
  };
  using Listener = std::function<void(std::vector<api::Trouble>)>;

  /// `changed` is called on the strand, for the first time once each part has answered or
  /// timed out.
  PartsWatch(Seams seams, std::vector<WatchedPart> parts, Listener changed);
  /// Ends the watch: nothing is asked or called afterwards. [any thread]
  ~PartsWatch();
  PartsWatch(const PartsWatch&) = delete;
  PartsWatch& operator=(const PartsWatch&) = delete;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace patchbay::app
