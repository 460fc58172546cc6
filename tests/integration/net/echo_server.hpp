// A server for tests: "/echo" answers what it got, "/park" keeps the reply, "/throw" throws,
// "/silent" lets go of it, "/stream" starts a stream and keeps the reply.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "net/http_server.hpp"

namespace patchbay::test {

/// Replies the server parked, for the test's own thread.
class Parked {
 public:
  void put(std::shared_ptr<net::ServerReply> reply) {
    const std::lock_guard lock(mutex_);
    replies_.push_back(std::move(reply));
    changed_.notify_all();
  }
  void count_closed() {
    const std::lock_guard lock(mutex_);
    ++closed_;
    changed_.notify_all();
  }
  /// Takes the oldest parked reply; null when none comes within 8 s.
  std::shared_ptr<net::ServerReply> take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return !replies_.empty(); })) return nullptr;
    auto reply = replies_.front();
    replies_.erase(replies_.begin());
    return reply;
  }
  bool wait_closed(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [this, count] { return closed_ >= count; });
  }

 private:
  static constexpr std::chrono::seconds kPatience{8};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<net::ServerReply>> replies_;
  int closed_ = 0;
};

inline void serve_for_tests(const net::ServerRequest& request,
                            const std::shared_ptr<net::ServerReply>& reply,
                            const std::shared_ptr<Parked>& parked) {
  if (request.path == "/throw") throw std::runtime_error("broken on purpose");
  if (request.path == "/silent") return;
  if (request.path == "/park" || request.path == "/stream") {
    reply->on_closed([parked] { parked->count_closed(); });
    if (request.path == "/stream") {
      reply->start_stream({200, {{"content-type", "text/event-stream"}}, "first\n"});
    }
    return parked->put(reply);
  }
  reply->send({200, {}, request.method + " " + request.path + " " + request.body});
}

struct EchoServer {
  explicit EchoServer(net::HttpServerOptions options = {}) {
    if (!options.body_bytes_max) {
      options.body_bytes_max = [](std::string_view, std::string_view path) -> std::size_t {
        return path == "/big" ? 8U << 20U : 1'000;
      };
    }
    auto started = net::start_http_server(std::move(options),
                                          [kept = parked](const auto& request, const auto& reply) {
                                            serve_for_tests(*request, reply, kept);
                                          });
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    if (started) server = std::move(*started);
  }
  [[nodiscard]] std::uint16_t port() const { return server->port(); }

  std::shared_ptr<Parked> parked = std::make_shared<Parked>();
  std::unique_ptr<net::HttpServer> server;
};

}  // namespace patchbay::test
