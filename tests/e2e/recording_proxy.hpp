// RecordingProxy: stands between a host and its sync service, passes everything on, and remembers
// what was asked. End-to-end tests -> this -> the sync service.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/http_server.hpp"

namespace patchbay::test {

class RecordingProxy {
 public:
  /// Changes an answer on its way back; on another thread.
  using Edit = std::function<void(net::HttpResponse&)>;

  /// `upstream`: "http://127.0.0.1:3000".
  explicit RecordingProxy(
      std::string upstream, Edit edit = [](auto&) {})
      : upstream_(std::move(upstream)), edit_(std::move(edit)) {
    auto started = net::start_http_server(
        {}, [this](const auto& request, const auto& reply) { pass(*request, reply); });
    if (!started) throw std::runtime_error(started.error().message);
    server_ = *std::move(started);
  }
  RecordingProxy(const RecordingProxy&) = delete;
  RecordingProxy& operator=(const RecordingProxy&) = delete;
  ~RecordingProxy() {
    client_.reset();
    server_->stop();
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  /// The queries about a table since the last call, in order.
  [[nodiscard]] std::vector<net::QueryParameters> take(const std::string& table) {
    const std::lock_guard lock(mutex_);
    std::vector<net::QueryParameters> taken;
    for (const net::QueryParameters& query : queries_) {
      const std::string* name = net::find_parameter(query, "table");
      if (name != nullptr && *name == table) taken.push_back(query);
    }
    queries_.clear();
    return taken;
  }

 private:
  void pass(const net::ServerRequest& request, const std::shared_ptr<net::ServerReply>& reply) {
    {
      const std::lock_guard lock(mutex_);
      queries_.push_back(request.query);
    }
    net::HttpRequest question;
    question.url = upstream_ + request.path + "?" + net::sorted_query(request.query);
    client_->send(std::move(question), [this, reply](const Result<net::HttpResponse>& answer) {
      if (!answer) return reply->send({502, {}, answer.error().message});
      net::HttpResponse response{answer->status, {}, answer->body};
      for (const auto& [name, value] : answer->headers.fields()) {
        if (name.starts_with("electric-")) response.headers.add(name, value);
      }
      edit_(response);
      reply->send(std::move(response));
    });
  }

  std::string upstream_;
  Edit edit_;
  std::mutex mutex_;
  std::vector<net::QueryParameters> queries_;
  std::unique_ptr<net::HttpClient> client_ = net::make_http_client();
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace patchbay::test
