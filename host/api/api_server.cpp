#include "api_server.hpp"

#include <atomic>
#include <future>
#include <limits>
#include <memory>

#include "access.hpp"
#include "event_publisher.hpp"
#include "net/http_server.hpp"
#include "request_router.hpp"

namespace patchbay::api {
namespace {

class RunningApi final : public ApiServer {
 public:
  RunningApi(ApiOptions options, WebFiles files)
      : options_(std::move(options)),
        board_(options_, poster_),
        events_(board_, metrics_, poster_),
        router_(options_, std::move(files), {board_, events_.feed(), metrics_}, poster_) {}
  ~RunningApi() override { RunningApi::stop(); }
  RunningApi(const RunningApi&) = delete;
  RunningApi& operator=(const RunningApi&) = delete;

  Result<void> listen(net::HttpServerOptions options) {
    events_.keep_alive_every(options_.keep_alive);
    poster_.post([this] { board_.watch_steps(); });
    auto serve = [this](std::shared_ptr<const net::ServerRequest> request,
                        std::shared_ptr<net::ServerReply> reply) {
      Exchange exchange{std::move(request), std::move(reply)};
      poster_.post([this, exchange = std::move(exchange)] { router_.serve(exchange); });
    };
    Result<std::unique_ptr<net::HttpServer>> server =
        net::start_http_server(std::move(options), std::move(serve));
    if (!server) return tl::make_unexpected(server.error());
    server_ = std::move(*server);
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return server_->port(); }

  void add_pattern(PatternPort& port) override {
    poster_.post([this, &port] { events_.add_pattern(port); });
  }

  void miss_pattern(const std::string& instance, const std::string& reason) override {
    poster_.post([this, instance, reason] { board_.expect(instance, reason); });
  }
  void on_troubles(std::vector<Trouble> troubles) override {
    poster_.post([this, troubles = std::move(troubles)] { board_.note(troubles); });
  }

  void remove_pattern(const std::string& instance) override {
    if (stopped_) return;
    // Owned by the work: if that is dropped or throws, the promise ends with it, and the wait too.
    auto removed = std::make_shared<std::promise<void>>();
    const std::future<void> done = removed->get_future();
    poster_.post([this, instance, removed = std::move(removed)] {
      events_.remove_pattern(instance);
      removed->set_value();
    });
    done.wait();
  }

  void on_stream_status(const StreamStatus& status) override {
    poster_.post([this, status] { events_.on_stream(status); });
  }
  void on_row_changed(const std::string& instance, const ViewRow& row) override {
    post_row(instance, row, false);
  }
  void on_row_gone(const std::string& instance, const RowRef& row) override {
    post_row(instance, ViewRow{row, false}, true);
  }
  void on_table_changed(const std::string& instance, const std::string& table) override {
    poster_.post([this, instance, table] { events_.on_table(instance, table); });
  }
  void on_write_state(const std::string& instance, const WriteStatus& write) override {
    poster_.post([this, instance, write] { events_.on_write(instance, write); });
  }
  void on_pattern_status(const PatternStatus& status) override {
    poster_.post([this, status] { events_.on_pattern(status); });
  }

  void stop() override {
    if (stopped_) return;
    stopped_ = true;
    if (server_) server_->stop();
    loop_->pool.stop();
    loop_.reset();  // what patterns still report is dropped from here on
  }

 private:
  void post_row(const std::string& instance, const ViewRow& row, bool gone) {
    if (queued_rows_.load() >= kQueuedRowEventsMax) return overflow();
    ++queued_rows_;
    poster_.post([this, instance, row, gone] {
      --queued_rows_;
      events_.on_row(instance, row, gone);
    });
  }
  /// Drops a row event: the readers get another hello after it, so what they read next has the row.
  void overflow() {
    if (overflowed_.exchange(true)) return;
    poster_.post([this] {
      overflowed_.store(false);
      events_.on_overflow();
    });
  }

  std::shared_ptr<ApiLoop> loop_ = std::make_shared<ApiLoop>();
  ApiPoster poster_{loop_};
  const ApiOptions options_;
  StatusBoard board_;
  Metrics metrics_;
  EventPublisher events_;
  RequestRouter router_;
  std::unique_ptr<net::HttpServer> server_;
  std::atomic<std::size_t> queued_rows_{0};
  std::atomic<bool> overflowed_{false};
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<ApiServer>> start_api_server(ApiOptions options,
                                                    const std::vector<PatternPort*>& ports) {
  auto checked = access::check_listener("The local API", options.address, options.token,
                                        "a token (api.token)");
  if (!checked) return tl::make_unexpected(checked.error());
  Result<WebFiles> files = WebFiles::load(options.web_directory);
  if (!files) return tl::make_unexpected(files.error());
  net::HttpServerOptions http;
  http.address = options.address;
  http.port = options.port;
  http.connections_max = kConnectionsMax;
  http.body_bytes_max = [](std::string_view, std::string_view) { return kBodyBytesMax; };
  http.stream_backlog_bytes_max = std::numeric_limits<std::size_t>::max();  // the feed bounds it
  http.error_response = [](int status, std::string_view message) {
    return error_response(status, status == 503 ? "retry" : "rejected", message);
  };
  auto server = std::make_unique<RunningApi>(std::move(options), std::move(*files));
  for (PatternPort* port : ports) server->add_pattern(*port);
  const Result<void> listening = server->listen(std::move(http));
  if (!listening) return tl::make_unexpected(listening.error());
  return server;
}

}  // namespace patchbay::api
