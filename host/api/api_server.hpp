// ApiServer: the local API that the page, the CLI and apps in any language use, and the page
// itself. Running patterns -> ports and events -> HTTP and Server-Sent Events. Owned by the app;
// has one strand of its own and the server's thread. docs/local-api.md has the routes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <patchbay/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "port/pattern_port.hpp"
#include "readiness.hpp"
#include "stream/stream_batch.hpp"
#include "tuning.hpp"

namespace patchbay::api {

/// The request POST /api/patterns/<pattern>/swap.
struct SwapRequest {
  std::string instance;
  std::string module;  ///< A plugin's id or file.
  bool force = false;
  bool back = false;  ///< To the previous module, not to `module`.
};

/// The request POST /api/patterns.
struct AdditionRequest {
  std::string instance;
  std::string module;               ///< A plugin's id or file.
  std::vector<std::string> tables;  ///< Empty: all of the host.
  std::map<std::string, std::string> settings;
  bool reject_dependents = false;
};

/// The request DELETE /api/patterns/<pattern>.
struct RemovalRequest {
  std::string instance;
  bool force = false;
};

/// The reason why nothing was changed.
struct ModuleError : Error {
  bool force_helps = false;  ///< With `force` it would be done.

  ModuleError(Error error, bool with_force = false)
      : Error(std::move(error)), force_helps(with_force) {}
};

/// The pattern as it is after the change.
using ModuleResult = tl::expected<PatternStatus, ModuleError>;

/// Functions that only the app can provide. Each may be empty: then its route does not exist.
/// Called on the API's strand, so they only post.
struct ApiHooks {
  /// "online", "slow" or "offline".
  std::function<Result<void>(const std::string& mode)> set_network;
  using Answer = std::function<void(ModuleResult)>;
  std::function<void(SwapRequest, Answer)> swap;
  std::function<void(AdditionRequest, Answer)> add;
  std::function<void(RemovalRequest, Answer)> remove;
  /// The plugins that can be found, as JSON text.
  std::function<std::string()> plugins;
};

struct ApiOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port.
  /// Demanded under /api and /metrics unless `address` is loopback, and always for what loads or
  /// ends modules.
  std::string token;
  std::filesystem::path web_directory;  ///< Of the page; empty: no page.
  std::string version;
  /// Name and URL of what the host uses, for people. Credentials are taken out before showing.
  std::vector<std::pair<std::string, std::string>> places;
  std::string page_table = "todos";  ///< The table the page shows.
  /// Instances that will be added: until then requests for them are answered with 503.
  std::vector<std::string> expected;
  std::chrono::milliseconds keep_alive = kKeepAlive;
  ApiHooks hooks;
};

class ApiServer : public PatternEvents {
 public:
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Notes an instance that is configured and does not run, because of `reason` (a sentence):
  /// requests for it are answered with 503 and the reason until it is added or removed.
  /// [any thread]
  virtual void miss_pattern(const std::string& instance, const std::string& reason) = 0;
  /// Notes what is wrong with the parts that the API cannot see by itself, such as database and
  /// backend. Until the first call the host counts as starting. [any thread]
  virtual void on_troubles(std::vector<Trouble> troubles) = 0;
  /// Shows a running instance; `port` must live until it is removed or the API is stopped.
  /// [any thread]
  virtual void add_pattern(PatternPort& port) = 0;
  /// Blocks until the API has let go of the instance. Unknown names are fine. [main thread]
  virtual void remove_pattern(const std::string& instance) = 0;
  /// [any thread]
  virtual void on_stream_status(const StreamStatus& status) = 0;
  /// Ends every connection and joins the threads; no port is touched afterwards. The destructor
  /// does so too. [main thread]
  virtual void stop() = 0;
};

/// Listens and serves. ErrorCode::rejected: the port is in use, an address that is not loopback
/// without a token, or a web directory without the page.
[[nodiscard]] Result<std::unique_ptr<ApiServer>> start_api_server(
    ApiOptions options, const std::vector<PatternPort*>& ports);

}  // namespace patchbay::api
