#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <exception>
#include <map>
#include <thread>
#include <unordered_map>

#include "hop_trace.hpp"
#include "log/log.hpp"
#include "net/client_exchange.hpp"

namespace asio = boost::asio;
using boost::system::error_code;

namespace patchbay::net {
namespace {

class BeastClient final : public HttpClient, public ConnectionPool {
 public:
  BeastClient() : thread_([this] { run(); }) {}
  ~BeastClient() override {
    asio::post(io_, [this] { end(); });
    guard_.reset();
    thread_.join();
  }
  BeastClient(const BeastClient&) = delete;
  BeastClient& operator=(const BeastClient&) = delete;

  HttpRequestId send(HttpRequest request, Callback callback) override {
    const HttpRequestId id = ++last_id_;
    auto exchange =
        std::make_shared<ClientExchange>(io_, *this, id, std::move(request), std::move(callback));
    note_hop();
    asio::post(io_, [this, kept = std::move(exchange)] {
      if (ended_) return kept->cancel();
      exchanges_.emplace(kept->id(), kept);
      kept->start();
    });
    return id;
  }

  void cancel(HttpRequestId id) override {
    asio::post(io_, [this, id] {
      const auto found = exchanges_.find(id);
      if (found == exchanges_.end()) return;
      const auto exchange = found->second;
      exchange->cancel();
    });
  }

 private:
  using Place = std::pair<std::string, std::uint16_t>;
  using Connection = std::shared_ptr<ClientConnection>;

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        log::error("http client", std::string("The loop caught an exception and continues: ") +
                                      error.what() + ".");
      }
    }
  }

  void end() {
    ended_ = true;
    while (!exchanges_.empty()) {
      const auto exchange = exchanges_.begin()->second;
      exchange->cancel();
    }
    for (auto& [place, connections] : idle_) {
      for (const Connection& connection : connections) close(*connection);
    }
    idle_.clear();
    sweep_.cancel();
  }

  static void close(ClientConnection& connection) {
    error_code ignored;
    ++connection.idle_number;
    connection.socket.close(ignored);
  }

  Connection take(const Url& url) override {
    const auto found = idle_.find(Place(url.host, url.port));
    if (found == idle_.end() || found->second.empty()) return nullptr;
    Connection connection = std::move(found->second.back());
    found->second.pop_back();
    ++connection->idle_number;
    error_code ignored;
    connection->socket.cancel(ignored);
    return connection;
  }

  void give_back(const Url& url, Connection connection) override {
    auto& connections = idle_[Place(url.host, url.port)];
    if (ended_ || connections.size() >= tuning::kIdleConnectionsMax) return close(*connection);
    connections.push_back(connection);
    watch_idle(Place(url.host, url.port), connection);
  }

  /// Watches an unused connection, which has nothing to read except its end, and closes it in time.
  void watch_idle(const Place& place, const Connection& connection) {
    const std::uint64_t number = ++connection->idle_number;
    connection->socket.async_wait(asio::ip::tcp::socket::wait_read,
                                  [this, place, connection, number](const error_code&) {
                                    if (number == connection->idle_number)
                                      drop_idle(place, connection);
                                  });
    connection->idle_since = std::chrono::steady_clock::now();
    if (!sweeping_) sweep_later();
  }

  void drop_idle(const Place& place, const Connection& connection) {
    close(*connection);
    const auto found = idle_.find(place);
    if (found == idle_.end()) return;
    std::erase(found->second, connection);
    if (found->second.empty()) idle_.erase(found);
  }

  void sweep_later() {
    sweeping_ = true;
    sweep_.expires_after(tuning::kIdleConnectionTimeout);
    sweep_.async_wait([this](const error_code& error) {
      sweeping_ = false;
      if (error || ended_) return;
      sweep();
      if (!idle_.empty()) sweep_later();
    });
  }

  void sweep() {
    const auto oldest = std::chrono::steady_clock::now() - tuning::kIdleConnectionTimeout;
    for (auto& [place, connections] : idle_) {
      std::erase_if(connections, [oldest](const Connection& connection) {
        if (connection->idle_since > oldest) return false;
        close(*connection);
        return true;
      });
    }
    std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
  }

  void forget(HttpRequestId id) override { exchanges_.erase(id); }

  std::atomic<HttpRequestId> last_id_{0};
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(io_);
  std::unordered_map<HttpRequestId, std::shared_ptr<ClientExchange>> exchanges_;
  std::map<Place, std::deque<Connection>> idle_;
  asio::steady_timer sweep_{io_};
  bool sweeping_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client() {
  return std::make_unique<BeastClient>();
}

}  // namespace patchbay::net
